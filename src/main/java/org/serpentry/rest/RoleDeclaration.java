// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import org.serpentry.config.ApplicationConfig;

/**
 * Tells the container of the configured roles: some know only roles that were declared. And has the
 * metrics begin with the application.
 */
@WebListener
public class RoleDeclaration implements ServletContextListener {
  @Inject private ApplicationConfig config;
  @Inject private MetricsSource metrics;

  /** For the container. */
  public RoleDeclaration() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    if (config.restEnabled()) {
      event.getServletContext().declareRoles(config.restRole());
    }
    if (config.monitor().statusPage() || config.monitor().metrics()) {
      event.getServletContext().declareRoles(config.monitor().role());
    }
    if (config.monitor().metrics()) {
      metrics.begin();
    }
  }
}
