#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a key for JMX over TLS beside this script, or in the directory given: jmxremote.p12 and its password in
# jmxremote.ssl for the server, jmx-trust.jks for clients. HOST is the name or address that clients use.
set -euo pipefail
directory="${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}"
host="${HOST:-localhost}"
keytool="${JAVA_HOME:+$JAVA_HOME/bin/}keytool"
umask 077
if [[ -e "$directory/jmxremote.p12" ]]; then
  echo "$directory/jmxremote.p12 exists already; remove it to make another." >&2
  exit 1
fi
password="$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')"
export password
"$keytool" -genkeypair -alias jmx -keyalg EC -groupname secp256r1 -validity 825 -dname "CN=$host" \
  -ext "SAN=dns:localhost,ip:127.0.0.1$([[ "$host" == localhost ]] || echo ",dns:$host")" \
  -storetype PKCS12 -keystore "$directory/jmxremote.p12" -storepass:env password 2> /dev/null
"$keytool" -exportcert -alias jmx -keystore "$directory/jmxremote.p12" -storepass:env password 2> /dev/null |
  "$keytool" -importcert -noprompt -alias jmx -storetype JKS -keystore "$directory/jmx-trust.jks" \
    -storepass:env password > /dev/null 2>&1
cat > "$directory/jmxremote.ssl" <<END
javax.net.ssl.keyStore=$directory/jmxremote.p12
javax.net.ssl.keyStorePassword=$password
END
chmod 644 "$directory/jmx-trust.jks"
echo "Server: JMX_TLS_FILE=$directory/jmxremote.ssl; clients: SERPENTRY_JMX_TRUST_STORE=$directory/jmx-trust.jks"
