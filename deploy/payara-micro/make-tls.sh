#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a key for JMX over TLS beside this script, or in the directory given: jmxremote.p12 and its password in
# jmxremote.ssl for the server, jmx-trust.jks for clients. HOST is the name or address that clients use. A key that is
# there already stays; without it the other two are made anew.
set -euo pipefail
directory="${1:-$(dirname "${BASH_SOURCE[0]}")}"
mkdir -p "$directory"
directory="$(cd "$directory" && pwd)" # The server is started elsewhere.
host="${HOST:-localhost}"
keytool="${JAVA_HOME:+$JAVA_HOME/bin/}keytool"
umask 077
if [[ -e "$directory/jmxremote.p12" ]]; then
  echo "$directory/jmxremote.p12 exists already; remove it to make another." >&2
  exit 1
fi
names="dns:localhost,ip:127.0.0.1"
if [[ "$host" == *:* || "$host" =~ ^[0-9.]+$ ]]; then
  names="$names,ip:$host"
elif [[ "$host" != localhost ]]; then
  names="$names,dns:$host"
fi

# All or nothing: what is made moves only when it is complete, and the key, which says so, last.
made="$(mktemp -d "$directory/.make-tls.XXXXXX")"
trap 'rm -rf "$made"' EXIT
run_keytool() {
  "$keytool" "$@" 2> "$made/said" || {
    cat "$made/said" >&2
    echo "keytool $1 failed, and nothing has been made in $directory." >&2
    exit 1
  }
}
password="$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')"
export password
# keytool tells its errors on its standard output.
run_keytool -genkeypair -alias jmx -keyalg EC -groupname secp256r1 -validity 825 -dname "CN=$host" -ext "SAN=$names" \
  -storetype PKCS12 -keystore "$made/jmxremote.p12" -storepass:env password >&2
run_keytool -exportcert -alias jmx -keystore "$made/jmxremote.p12" -storepass:env password -file "$made/jmx.cer" >&2
run_keytool -importcert -noprompt -alias jmx -file "$made/jmx.cer" -storetype JKS -keystore "$made/jmx-trust.jks" \
  -storepass:env password >&2
cat > "$made/jmxremote.ssl" <<END
javax.net.ssl.keyStore=$directory/jmxremote.p12
javax.net.ssl.keyStorePassword=$password
END
chmod 644 "$made/jmx-trust.jks"
for file in jmx-trust.jks jmxremote.ssl jmxremote.p12; do
  mv -f "$made/$file" "$directory/$file"
done
echo "Server: JMX_TLS_FILE=$directory/jmxremote.ssl; clients: SERPENTRY_JMX_TRUST_STORE=$directory/jmx-trust.jks"
