// SPDX-License-Identifier: Apache-2.0
package org.serpentry.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.serpentry.api.BindingException;
import org.serpentry.api.PythonFunction;
import org.serpentry.api.PythonPool;
import org.serpentry.api.PythonType;

/**
 * What crosses between Java and Python by the server's own JSON-B; for a test class that is
 * deployed with this one.
 */
abstract class BindingChecks {

  /** The pool that the values pass through, with the test modules. */
  abstract PythonPool pool();

  /** As the Python enumeration of that name, whose values are other ones. */
  public enum Colour {
    RED,
    GREEN
  }

  /** As the Python data class of that name. */
  public record Review(
      String text, BigDecimal price, int stars, Colour colour, List<String> tags) {}

  /** As the Python data class of that name. */
  public record Tree(String name, List<Tree> children) {}

  /** A generic record. */
  public record Page<T>(int number, List<T> items) {}

  /** A class of the ordinary sort. */
  public static class Sentiment {
    private String label;
    private double score;

    /** For JSON-B. */
    public Sentiment() {}

    Sentiment(String label, double score) {
      this.label = label;
      this.score = score;
    }

    /** A property. */
    public String getLabel() {
      return label;
    }

    /** A property. */
    public void setLabel(String label) {
      this.label = label;
    }

    /** A property. */
    public double getScore() {
      return score;
    }

    /** A property. */
    public void setScore(double score) {
      this.score = score;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Sentiment that && label.equals(that.label) && score == that.score;
    }

    @Override
    public int hashCode() {
      return Objects.hash(label, score);
    }

    @Override
    public String toString() {
      return label + " " + score;
    }
  }

  @Test
  void recordsPassBothWaysAsDataClasses() {
    Review review =
        new Review("sölid 👍", new BigDecimal("19.90"), 4, Colour.GREEN, List.of("a", "b"));
    Tree tree = new Tree("root", List.of(new Tree("leaf", List.of())));

    assertThat(values("echo_review").arg("review", review).call(Review.class)).isEqualTo(review);
    assertThat(values("echo_tree").args(tree).call(Tree.class)).isEqualTo(tree);
  }

  @Test
  void listsOfRecordsPassBothWays() {
    List<Review> reviews =
        List.of(
            new Review("a", new BigDecimal("1.10"), 1, null, List.of()),
            new Review("b", new BigDecimal("0.00"), 5, Colour.RED, List.of("x")));

    assertThat(values("echo_reviews").args(reviews).call(new PythonType<List<Review>>() {}))
        .isEqualTo(reviews);
  }

  @Test
  void classesPassInListsAndInGenericRecords() {
    List<Sentiment> sentiments = List.of(new Sentiment("good", 0.75), new Sentiment("bad", 0.25));

    assertThat(echo(sentiments, new PythonType<List<Sentiment>>() {})).isEqualTo(sentiments);
    assertThat(echo(new Page<>(3, sentiments), new PythonType<Page<Sentiment>>() {}))
        .isEqualTo(new Page<>(3, sentiments));
    assertThat(echo(Map.of("k", sentiments), new PythonType<Map<String, List<Sentiment>>>() {}))
        .isEqualTo(Map.of("k", sentiments));
  }

  @Test
  void mapsWithKeysThatAreNoTextsAndSetsPass() {
    Map<Integer, Set<String>> found =
        values("by_length")
            .args(List.of("a", "bb", "cc"))
            .call(new PythonType<Map<Integer, Set<String>>>() {});

    assertThat(found).isEqualTo(Map.of(1, Set.of("a"), 2, Set.of("bb", "cc")));
  }

  @Test
  void enumerationsPassByName() {
    assertThat(values("echo_colour").args(Colour.GREEN).call(Colour.class)).isEqualTo(Colour.GREEN);
    assertThat(echo(Colour.RED, new PythonType<Object>() {})).isEqualTo("RED");
  }

  @Test
  void datesAndTimesPassExactly() {
    LocalDate day = LocalDate.of(2024, 2, 29);
    OffsetDateTime time =
        OffsetDateTime.of(2026, 11, 21, 9, 30, 0, 123_456_000, ZoneOffset.ofHoursMinutes(5, 30));

    assertThat(values("echo_date").args(day).call(LocalDate.class)).isEqualTo(day);
    // As an object: AssertJ's own comparison would pass over the offset.
    assertThat((Object) values("echo_datetime").args(time).call(OffsetDateTime.class))
        .isEqualTo(time);
  }

  @Test
  void bigNumbersKeepEveryDigit() {
    BigInteger huge = BigInteger.TWO.pow(70);
    BigDecimal exact = new BigDecimal("12345678901234567890.123456789012345678900");

    assertThat(values("huge").call(BigInteger.class)).isEqualTo(huge);
    assertThat(values("echo_int").args(huge).call(BigInteger.class)).isEqualTo(huge);
    assertThat(values("echo_decimal").args(exact).call(BigDecimal.class)).isEqualTo(exact);
    assertThat(values("decimal_digits").args(exact).call(String.class))
        .isEqualTo(exact.toPlainString());
  }

  @Test
  void nullsPassAsValuesAndAsElements() {
    List<String> holes = new ArrayList<>(Arrays.asList("a", null));

    assertThat(values("echo_optional").args((Object) null).call(String.class)).isNull();
    assertThat(echo(holes, new PythonType<List<String>>() {})).isEqualTo(holes);
    assertThat(echo(new Tree(null, null), new PythonType<Tree>() {}))
        .isEqualTo(new Tree(null, null));
  }

  @Test
  void everyScriptAndEmojiPass() {
    String text = "Füße \u0000\t\"\\ \u2028 日本語 עברית 👩‍👩‍👧‍👦 \uD834\uDD1E";

    assertThat(echo(text, new PythonType<String>() {})).isEqualTo(text);
    assertThat(values("text_of").args(3, "😀").call(String.class)).isEqualTo("😀😀😀");
  }

  @Test
  void whatDoesNotBindIsRefusedOnEitherSide() {
    BindingException argument =
        catchThrowableOfType(
            BindingException.class,
            () -> values("echo_review").arg("review", "no review").call(Review.class));
    BindingException result =
        catchThrowableOfType(
            BindingException.class, () -> values("echo").args("no review").call(Review.class));

    assertThat(argument).hasMessageContaining("argument 'review'");
    assertThat(result).hasMessageContaining(Review.class.getName());
  }

  private <T> T echo(Object value, PythonType<T> type) {
    return values("echo").args(value).call(type);
  }

  private PythonFunction values(String function) {
    return pool().function("values:" + function);
  }
}
