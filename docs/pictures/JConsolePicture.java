// SPDX-License-Identifier: Apache-2.0

import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Rectangle;
import java.awt.Window;
import java.awt.event.MouseEvent;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.imageio.ImageIO;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.swing.JButton;
import javax.swing.JDesktopPane;
import javax.swing.JFrame;
import javax.swing.JInternalFrame;
import javax.swing.JPasswordField;
import javax.swing.JRadioButton;
import javax.swing.JSplitPane;
import javax.swing.JTabbedPane;
import javax.swing.JTable;
import javax.swing.JTextField;
import javax.swing.JTree;
import javax.swing.SwingUtilities;
import javax.swing.tree.TreePath;

/**
 * Runs the JDK's own jconsole on a server over remote JMX, as a user with a password who says so in
 * its dialog, opens the beans of a pool one by one and paints the window into files. Called by
 * jconsole.sh, which sees to it that calls run. Replaces the worker of slot 0 and changes a setting
 * for a while, so that there are notifications.
 */
final class JConsolePicture {
  private static final int WIDTH = 1100;
  private static final int HEIGHT = 760;
  private static final int HEIGHT_OF_ALL = 1420; // for all attributes of a pool
  private static final int TREE_WIDTH = 215;
  private static final int OPENED_HEIGHT = 250;
  private static final int PATIENCE_SECONDS = 90;

  private final JFrame frame;
  private final String[] pool;
  private final File directory;

  private JConsolePicture(JFrame frame, String application, String pool, File directory) {
    this.frame = frame;
    this.pool = new String[] {"serpentry", application, pool};
    this.directory = directory;
  }

  /** Arguments: host:port, user, password file, application, pool, directory of the files. */
  public static void main(String[] args) {
    int status = 1; // Its windows would keep the JVM alive.
    try {
      take(args);
      status = 0;
    } catch (Exception e) {
      e.printStackTrace();
    }
    System.exit(status);
  }

  private static void take(String[] args) throws Exception {
    String password = password(Path.of(args[2]), args[1]);
    sun.tools.jconsole.JConsole.main(new String[] {"-interval=2"});
    await(() -> logIn(args[0], args[1], password));
    JFrame frame = (JFrame) await(() -> visible(JFrame.class));
    JMXServiceURL address =
        new JMXServiceURL("service:jmx:rmi:///jndi/rmi://" + args[0] + "/jmxrmi");
    Map<String, ?> user = Map.of(JMXConnector.CREDENTIALS, new String[] {args[1], password});
    try (var connector = JMXConnectorFactory.connect(address, user)) {
      new JConsolePicture(frame, args[3], args[4], new File(args[5]))
          .takeAll(connector.getMBeanServerConnection());
    }
  }

  private static String password(Path file, String user) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(user + " ")) {
        return line.substring(user.length() + 1);
      }
    }
    throw new IOException(file + " has no line for " + user);
  }

  /** Fills in jconsole's dialog for a new connection, once it is there. */
  private static Boolean logIn(String address, String user, String password) {
    for (Window window : Window.getWindows()) {
      JPasswordField secret = find(window, JPasswordField.class);
      JButton connect = button(window, "Connect");
      if (secret != null && secret.isShowing() && connect != null) {
        remote(window).doClick();
        List<JTextField> fields = new ArrayList<>();
        texts(window, fields); // The address, the user, the password.
        fields.get(0).setText(address);
        fields.get(1).setText(user);
        secret.setText(password);
        if (connect.isEnabled()) {
          connect.doClick();
          return true;
        }
      }
    }
    return null;
  }

  private static JRadioButton remote(Container root) {
    for (Component child : root.getComponents()) {
      if (child instanceof JRadioButton radio && radio.getText().startsWith("Remote")) {
        return radio;
      }
      JRadioButton below = child instanceof Container container ? remote(container) : null;
      if (below != null) {
        return below;
      }
    }
    return null;
  }

  private static void texts(Container root, List<JTextField> found) {
    for (Component child : root.getComponents()) {
      if (child instanceof JTextField field) {
        found.add(field);
      } else if (child instanceof Container container) {
        texts(container, found);
      }
    }
  }

  private void takeAll(MBeanServerConnection server) throws Exception {
    await(this::inner);
    resize(HEIGHT_OF_ALL);
    await(
        () -> {
          sayYesToInsecure(frame);
          return selectTab("MBeans");
        });
    // Opened from the top, since jconsole fills the tree in the background.
    for (int depth = 1; depth <= pool.length; depth++) {
      String[] part = Arrays.copyOf(pool, depth);
      await(() -> open(part));
    }
    await(() -> open(below("Settings")));
    await(() -> open(below("0")));

    show(10, below("Attributes"));
    take("jconsole.png");

    resize(HEIGHT);
    openValue("RunningCalls");
    take("jconsole-running-calls.png");

    ObjectName settings = bean(",component=Settings");
    show(0, below("Notifications"));
    await(this::subscribe);
    invoke(server, settings, "change", "slow-call-threshold", "25ms");
    try {
      server.invoke(bean(""), "recycleWorker", new Object[] {0}, new String[] {"int"});
      await(() -> table().getRowCount() >= 12 ? true : null);
      onSwing(this::widen);
      take("jconsole-notifications.png");

      show(10, below("Settings", "Attributes"));
      take("jconsole-settings.png");
    } finally {
      invoke(server, settings, "reset", "slow-call-threshold");
    }
  }

  private static void invoke(
      MBeanServerConnection server, ObjectName bean, String operation, String... texts)
      throws Exception {
    String[] types = new String[texts.length];
    Arrays.fill(types, String.class.getName());
    server.invoke(bean, operation, texts, types);
  }

  private ObjectName bean(String more) throws Exception {
    return new ObjectName(pool[0] + ":application=" + pool[1] + ",pool=" + pool[2] + more);
  }

  /** The window of the connection; the dialog stays beside it, hidden. */
  private JInternalFrame inner() {
    JDesktopPane desktop = find(frame, JDesktopPane.class);
    for (JInternalFrame each : desktop.getAllFrames()) {
      if (each.getClass().getSimpleName().equals("VMInternalFrame")) {
        return each;
      }
    }
    return null;
  }

  private void resize(int height) throws Exception {
    onSwing(
        () -> {
          frame.setSize(WIDTH, height);
          JInternalFrame inner = inner();
          inner.setMaximum(true);
          return inner;
        });
  }

  /** Selects a node of the tree and waits for a table with more rows than this. */
  private void show(int rows, String... path) throws Exception {
    await(
        () -> {
          JTree tree = find(inner(), JTree.class);
          TreePath found = path(tree, path);
          if (found != null) {
            tree.setSelectionPath(found);
          }
          return found;
        });
    await(() -> table() != null && table().getRowCount() >= rows ? true : null);
  }

  /** Opens a table that is the value of an attribute, as a double click does, once it has a row. */
  private void openValue(String attribute) throws Exception {
    await(
        () -> {
          JTable table = table();
          for (int row = 0; row < table.getRowCount(); row++) {
            if (attribute.equals(String.valueOf(table.getValueAt(row, 0)))) {
              table.changeSelection(row, 1, false, false);
              Rectangle cell = table.getCellRect(row, 1, true);
              table.dispatchEvent(
                  new MouseEvent(
                      table, MouseEvent.MOUSE_PRESSED, System.currentTimeMillis(),
                      MouseEvent.BUTTON1_DOWN_MASK, cell.x + 5, cell.y + 5, 2, false,
                      MouseEvent.BUTTON1));
              if (table.getRowHeight(row) == table.getRowHeight()) {
                return null;
              }
              Container opened =
                  (Container) table.prepareRenderer(table.getCellRenderer(row, 1), row, 1);
              JTable value = find(opened, JTable.class);
              if (value == null || value.getRowCount() == 0) {
                button(frame, "Refresh").doClick();
                return null;
              }
              table.setRowHeight(row, OPENED_HEIGHT);
              table.scrollRectToVisible(table.getCellRect(row, 1, true));
              return true;
            }
          }
          return null;
        });
  }

  private Boolean subscribe() {
    JButton button = button(frame, "Subscribe");
    if (button == null || !button.isEnabled()) {
      return null;
    }
    button.doClick();
    return true;
  }

  /** Gives the columns of the notifications the room that each needs. */
  private Void widen() {
    int[] widths = {90, 170, 200, 50, 330, 20, 20};
    for (int column = 0; column < widths.length; column++) {
      table().getColumnModel().getColumn(column).setPreferredWidth(widths[column]);
    }
    return null;
  }

  private void take(String name) throws Exception {
    Thread.sleep(3000); // The values come one by one, and the window tells nobody when all are there.
    BufferedImage image =
        onSwing(
            () -> {
              // Only now: jconsole sets both itself while it connects. The title has paths in it.
              JInternalFrame inner = inner();
              inner.setTitle(inner.getTitle().replaceFirst(" --.*", ""));
              JTree tree = find(inner(), JTree.class);
              ((JSplitPane) SwingUtilities.getAncestorOfClass(JSplitPane.class, tree))
                  .setDividerLocation(TREE_WIDTH);
              frame.validate();
              BufferedImage picture =
                  new BufferedImage(
                      frame.getWidth(), frame.getHeight(), BufferedImage.TYPE_INT_RGB);
              frame.paint(picture.getGraphics());
              return picture;
            });
    ImageIO.write(image, "png", new File(directory, name));
  }

  // The run's JMX is without TLS, on loopback, and jconsole asks whether that is wanted.
  private static void sayYesToInsecure(Container root) {
    JButton yes = button(root, "Insecure");
    if (yes != null) {
      yes.doClick();
    }
  }

  private static JButton button(Container root, String start) {
    for (Component child : root.getComponents()) {
      if (child instanceof JButton found
          && found.isShowing()
          && String.valueOf(found.getText()).startsWith(start)) {
        return found;
      }
      JButton below = child instanceof Container container ? button(container, start) : null;
      if (below != null) {
        return below;
      }
    }
    return null;
  }

  private Boolean selectTab(String title) {
    JTabbedPane tabs = find(inner(), JTabbedPane.class);
    int tab = tabs == null ? -1 : tabs.indexOfTab(title);
    if (tab < 0) {
      return null;
    }
    tabs.setSelectedIndex(tab);
    return true;
  }

  private String[] below(String... names) {
    String[] path = Arrays.copyOf(pool, pool.length + names.length);
    System.arraycopy(names, 0, path, pool.length, names.length);
    return path;
  }

  private Boolean open(String... names) {
    JTree tree = find(inner(), JTree.class);
    TreePath path = path(tree, names);
    if (path == null) {
      return null;
    }
    tree.expandPath(path);
    return true;
  }

  private static TreePath path(JTree tree, String... names) {
    if (tree == null) {
      return null;
    }
    TreePath path = new TreePath(tree.getModel().getRoot());
    for (String name : names) {
      Object parent = path.getLastPathComponent();
      TreePath child = null;
      for (int i = 0; i < tree.getModel().getChildCount(parent); i++) {
        Object node = tree.getModel().getChild(parent, i);
        if (node.toString().equals(name)) {
          child = path.pathByAddingChild(node);
        }
      }
      if (child == null) {
        return null;
      }
      path = child;
    }
    return path;
  }

  private JTable table() {
    JTable table = find(inner(), JTable.class);
    return table != null && table.isShowing() ? table : null;
  }

  private static <T extends Window> T visible(Class<T> type) {
    for (Window window : Window.getWindows()) {
      if (type.isInstance(window) && window.isVisible()) {
        return type.cast(window);
      }
    }
    return null;
  }

  private static <T extends Component> T find(Container root, Class<T> type) {
    if (root == null) {
      return null;
    }
    for (Component child : root.getComponents()) {
      if (type.isInstance(child)) {
        return type.cast(child);
      }
      T below = child instanceof Container container ? find(container, type) : null;
      if (below != null) {
        return below;
      }
    }
    return null;
  }

  private static <T> T await(Callable<T> look) throws Exception {
    for (int i = 0; i < PATIENCE_SECONDS * 5; i++) {
      T found = onSwing(look);
      if (found != null) {
        return found;
      }
      Thread.sleep(200);
    }
    throw new IllegalStateException("jconsole did not show what was waited for");
  }

  private static <T> T onSwing(Callable<T> task) throws Exception {
    FutureTask<T> future = new FutureTask<>(task);
    EventQueue.invokeLater(future);
    return future.get();
  }
}
