#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs Serpentry in Payara Micro. README.md beside this file explains the variables.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

: "${PAYARA_MICRO_JAR:?set it to the path of payara-micro-6.2025.10.jar}"
: "${APP_WAR:?set it to the path of serpentry.war}"
http_port="${HTTP_PORT:-8080}"
jmx_port="${JMX_PORT:-8686}"
password_file="${JMX_PASSWORD_FILE:-$here/jmxremote.password}"
access_file="${JMX_ACCESS_FILE:-$here/jmxremote.access}"
tls_file="${JMX_TLS_FILE:-}"
jmx_host="${JMX_HOST:-127.0.0.1}"

if [[ "$jmx_host" != 127.0.0.1 && -z "$tls_file" ]]; then
  echo "JMX_HOST=$jmx_host needs JMX_TLS_FILE: passwords would travel in clear." >&2
  exit 1
fi

java_options=(-Xmx512m)
if [[ -f "$password_file" ]]; then
  # The JVM refuses to start when others may read these, and says so.
  java_options+=(
    "-Dcom.sun.management.jmxremote.port=$jmx_port"
    "-Dcom.sun.management.jmxremote.rmi.port=$jmx_port"
    "-Dcom.sun.management.jmxremote.host=$jmx_host"
    "-Djava.rmi.server.hostname=$jmx_host"
    "-Dcom.sun.management.jmxremote.password.file=$password_file"
    "-Dcom.sun.management.jmxremote.access.file=$access_file"
  )
  if [[ -n "$tls_file" ]]; then
    java_options+=(
      "-Dcom.sun.management.jmxremote.ssl=true"
      "-Dcom.sun.management.jmxremote.registry.ssl=true"
      "-Dcom.sun.management.jmxremote.ssl.config.file=$tls_file"
    )
  else
    java_options+=("-Dcom.sun.management.jmxremote.ssl=false")
  fi
else
  echo "No $password_file: remote JMX stays closed." >&2
fi

micro_options=(--nocluster --port "$http_port" --deploy "$APP_WAR")
if [[ "${ALL_INTERFACES:-false}" != true ]]; then
  micro_options+=(--prebootcommandfile "$here/loopback.txt")
fi
if [[ -n "${APP_CONFIG:-}" ]]; then
  # Its entries become system properties, which whoever may only read over JMX reads, too.
  if grep -Eq '^[[:space:]]*serpentry\.[^=:[:space:]]*lm-api-key[[:space:]]*[=:]' "$APP_CONFIG"; then
    echo "$APP_CONFIG has an lm-api-key, which every JMX user could read: set lm-api-key-file, or the key's environment variable." >&2
    exit 1
  fi
  micro_options+=(--systemproperties "$APP_CONFIG")
fi

exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${java_options[@]}" -jar "$PAYARA_MICRO_JAR" "${micro_options[@]}" "$@"
