// SPDX-License-Identifier: Apache-2.0

import java.awt.Component;
import java.awt.Container;
import java.awt.EventQueue;
import java.awt.Window;
import java.awt.image.BufferedImage;
import java.io.File;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import javax.imageio.ImageIO;
import javax.swing.JButton;
import javax.swing.JFrame;
import javax.swing.JInternalFrame;
import javax.swing.JSplitPane;
import javax.swing.JTabbedPane;
import javax.swing.JTable;
import javax.swing.JTree;
import javax.swing.SwingUtilities;
import javax.swing.tree.TreePath;

/**
 * Runs the JDK's own jconsole on a server of this machine, opens the bean of a pool and paints the
 * window into a file. Called by jconsole.sh.
 */
final class JConsolePicture {
  private static final int WIDTH = 1180;
  private static final int HEIGHT = 800;
  private static final int TREE_WIDTH = 240;
  private static final int PATIENCE_SECONDS = 90;

  private JConsolePicture() {}

  /** Arguments: the server's process id, the application, the pool, the file. */
  public static void main(String[] args) throws Exception {
    sun.tools.jconsole.JConsole.main(new String[] {"-interval=2", args[0]});
    JFrame frame = (JFrame) await(() -> visible(JFrame.class));
    await(() -> find(frame, JInternalFrame.class));
    onSwing(
        () -> {
          frame.setSize(WIDTH, HEIGHT);
          JInternalFrame inner = find(frame, JInternalFrame.class);
          inner.setMaximum(true);
          return inner;
        });
    await(() -> selectTab(frame, "MBeans"));
    // Opened from the top, since jconsole fills the tree in the background.
    String[] path = {"serpentry", args[1], args[2]};
    for (int depth = 1; depth <= path.length; depth++) {
      String[] part = Arrays.copyOf(path, depth);
      await(
          () -> {
            sayYesToInsecure(frame);
            return open(find(frame, JTree.class), part);
          });
    }
    await(() -> open(find(frame, JTree.class), path[0], path[1], path[2], "0"));
    await(() -> select(find(frame, JTree.class), path[0], path[1], path[2], "Attributes"));
    await(() -> filledTable(frame));
    Thread.sleep(3000); // The values come one by one, and the window tells nobody when all are there.
    BufferedImage image =
        onSwing(
            () -> {
              // Only now: jconsole sets both itself while it connects. The title has paths in it.
              JInternalFrame inner = find(frame, JInternalFrame.class);
              inner.setTitle(inner.getTitle().replaceFirst(" --.*", ""));
              JTree tree = find(frame, JTree.class);
              ((JSplitPane) SwingUtilities.getAncestorOfClass(JSplitPane.class, tree))
                  .setDividerLocation(TREE_WIDTH);
              frame.validate();
              BufferedImage picture =
                  new BufferedImage(
                      frame.getWidth(), frame.getHeight(), BufferedImage.TYPE_INT_RGB);
              frame.paint(picture.getGraphics());
              return picture;
            });
    ImageIO.write(image, "png", new File(args[3]));
    System.exit(0);
  }

  // The run's JMX is without TLS, on loopback; jconsole asks even for a local server.
  private static void sayYesToInsecure(Container root) {
    for (Component child : root.getComponents()) {
      if (child instanceof JButton button && String.valueOf(button.getText()).startsWith("Insecure")) {
        button.doClick();
        return;
      }
      if (child instanceof Container container) {
        sayYesToInsecure(container);
      }
    }
  }

  private static Boolean selectTab(Container root, String title) {
    JTabbedPane tabs = find(root, JTabbedPane.class);
    int tab = tabs == null ? -1 : tabs.indexOfTab(title);
    if (tab < 0) {
      return null;
    }
    tabs.setSelectedIndex(tab);
    return true;
  }

  private static Boolean open(JTree tree, String... names) {
    TreePath path = path(tree, names);
    if (path == null) {
      return null;
    }
    tree.expandPath(path);
    return true;
  }

  private static Boolean select(JTree tree, String... names) {
    TreePath path = path(tree, names);
    if (path == null) {
      return null;
    }
    tree.setSelectionPath(path);
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

  private static JTable filledTable(Container root) {
    JTable table = find(root, JTable.class);
    return table != null && table.isShowing() && table.getRowCount() > 10 ? table : null;
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
