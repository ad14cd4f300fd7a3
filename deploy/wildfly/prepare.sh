#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes standalone-serpentry.xml: WildFly's standalone-full.xml plus the MicroProfile subsystems.
set -euo pipefail
: "${JBOSS_HOME:?set it to the directory of WildFly}"
configuration="$JBOSS_HOME/standalone/configuration"

if [[ -e "$configuration/standalone-serpentry.xml" ]]; then
  echo "$configuration/standalone-serpentry.xml exists already; remove it to make it anew." >&2
  exit 1
fi
cp "$configuration/standalone-full.xml" "$configuration/standalone-new.xml"
(cd "$JBOSS_HOME" && bin/jboss-cli.sh --file=docs/examples/enable-microprofile.cli -Dconfig=standalone-new.xml)
mv "$configuration/standalone-new.xml" "$configuration/standalone-serpentry.xml"
