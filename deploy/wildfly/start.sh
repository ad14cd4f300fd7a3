#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs Serpentry in WildFly. README.md beside this file explains the variables.
set -euo pipefail
: "${JBOSS_HOME:?set it to the directory of WildFly}"
: "${APP_WAR:?set it to the path of serpentry.war}"

if [[ ! -e "$JBOSS_HOME/standalone/configuration/standalone-serpentry.xml" ]]; then
  echo "No standalone-serpentry.xml in $JBOSS_HOME/standalone/configuration: run prepare.sh first." >&2
  exit 1
fi
cp "$APP_WAR" "$JBOSS_HOME/standalone/deployments/serpentry.war"
options=(-c standalone-serpentry.xml)
if [[ -n "${APP_CONFIG:-}" ]]; then
  # Its entries become system properties, which whoever may only read over JMX reads, too.
  if grep -Eq '^[[:space:]]*serpentry\.[^=:[:space:]]*lm-api-key[[:space:]]*[=:]' "$APP_CONFIG"; then
    echo "$APP_CONFIG has an lm-api-key, which every JMX user could read: set lm-api-key-file, or the key's environment variable." >&2
    exit 1
  fi
  options+=(-P "$APP_CONFIG")
fi
# Without it the script would swallow the signal that is meant for the server.
export LAUNCH_JBOSS_IN_BACKGROUND=true
exec "$JBOSS_HOME/bin/standalone.sh" "${options[@]}" "$@"
