#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a key for WildFly's management port over TLS beside this script, or in the directory given: jmxremote.p12, and
# for the server tls.yaml with its password, for clients jmx-trust.jks. HOST is the name or address that clients use.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
"$here/../payara-micro/make-tls.sh" "${1:-$here}" > /dev/null
directory="$(cd "${1:-$here}" && pwd)"
# The other server's file of it.
password="$(sed -n 's/^javax.net.ssl.keyStorePassword=//p' "$directory/jmxremote.ssl")"
rm "$directory/jmxremote.ssl"
(umask 077 && cat > "$directory/tls.yaml" <<END
wildfly-configuration:
  subsystem:
    elytron:
      key-store:
        serpentry-management:
          path: "$directory/jmxremote.p12"
          type: PKCS12
          credential-reference:
            clear-text: "$password"
      key-manager:
        serpentry-management:
          key-store: serpentry-management
          credential-reference:
            clear-text: "$password"
      server-ssl-context:
        serpentry-management:
          key-manager: serpentry-management
          protocols: [TLSv1.3, TLSv1.2]
  core-service:
    management:
      management-interface:
        http-interface:
          secure-socket-binding: management-https
          ssl-context: serpentry-management
END
)
echo "Server: start.sh --yaml=$directory/tls.yaml; clients: SERPENTRY_JMX_TRUST_STORE=$directory/jmx-trust.jks"
