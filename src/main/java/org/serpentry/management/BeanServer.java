// SPDX-License-Identifier: Apache-2.0
package org.serpentry.management;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import javax.management.AttributeNotFoundException;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Registers beans in an MBean server, and tells a live namesake from one left behind. */
final class BeanServer {

  private static final Logger LOG = System.getLogger(BeanServer.class.getName());

  private final MBeanServer server;

  BeanServer(MBeanServer server) {
    this.server = server;
  }

  /** Registers a bean; false when the name is taken. */
  boolean register(DescribedMBean bean, ObjectName name) {
    try {
      server.registerMBean(bean, name);
      return true;
    } catch (InstanceAlreadyExistsException e) {
      LOG.log(Level.DEBUG, name + " is taken", e);
      return false;
    } catch (JMException e) {
      throw new IllegalStateException("The MBean " + name + " cannot be registered", e);
    }
  }

  /** Takes a bean away, unless another one has taken over its name. */
  void unregister(DescribedMBean bean, ObjectName name) {
    if (bean.registered()) {
      remove(name);
    }
  }

  private void remove(ObjectName name) {
    try {
      server.unregisterMBean(name);
    } catch (InstanceNotFoundException e) {
      LOG.log(Level.DEBUG, name + " had been unregistered already", e);
    } catch (JMException e) {
      throw new IllegalStateException("The MBean " + name + " cannot be unregistered", e);
    }
  }

  /**
   * Whether the pool bean of that name belongs to a deployment that has ended: it says so itself,
   * or its class loader is closed so that it cannot say anything.
   */
  boolean stale(ObjectName pool) {
    try {
      return PoolStatus.CLOSED.name().equals(server.getAttribute(pool, "Status"));
    } catch (InstanceNotFoundException e) {
      LOG.log(Level.DEBUG, pool + " has gone meanwhile", e);
      return true;
    } catch (AttributeNotFoundException e) {
      LOG.log(Level.DEBUG, pool + " is not a bean of Serpentry", e);
      return false;
    } catch (JMException | JMRuntimeException e) {
      LOG.log(Level.INFO, pool + " does not answer and is taken for a dead deployment's", e);
      return true;
    }
  }

  /** Takes away every bean that a pattern names. */
  void removeAll(ObjectName pattern) {
    for (ObjectName name : server.queryNames(pattern, null)) {
      LOG.log(Level.INFO, "Unregistering {0}, which a dead deployment left behind", name);
      remove(name);
    }
  }
}
