// SPDX-License-Identifier: Apache-2.0
package org.serpentry.rest;

import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import org.serpentry.config.ApplicationConfig;

/** Tells the container of the configured role: some know only roles that were declared. */
@WebListener
public class RoleDeclaration implements ServletContextListener {
  @Inject private ApplicationConfig config;

  /** For the container. */
  public RoleDeclaration() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    if (config.restEnabled()) {
      event.getServletContext().declareRoles(config.restRole());
    }
  }
}
