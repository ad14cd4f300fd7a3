#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Takes jmxterm.txt, a session of jmxterm with a running system over remote JMX: start `mvn -Prun` first. Needs a JDK
# and Maven, which fetches jmxterm.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
address="${1:-127.0.0.1:8686}"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
(cd "$root" && mvn -q dependency:copy -Dartifact=org.cyclopsgroup:jmxterm:1.0.4:jar:uber -DoutputDirectory="$scratch")

pool=serpentry:application=serpentry,pool=default
cat >"$scratch/commands" <<END
beans -d serpentry
bean $pool
get Status StatusReason SuggestedAction WorkersReady CallsSucceeded CodeVersion
run resize 3
get Size
run resize 2
run selfTest
get Operations
bean $pool,component=Settings
set SlowCallThreshold 2s
get SlowCallThreshold
run exportSettings
run reset slow-call-threshold
close
END

# Once as the one who may operate, once as the one who may only read. The password goes by a file of its own, since
# everybody on the machine sees the arguments of a process.
session() {
  local password
  password="$(awk -v user="$1" '$1 == user { print $2 }' "$root/target/run/jmxremote.password")"
  (umask 077 && { echo "open $address -u $1 -p $password" && cat "$scratch/commands"; } >"$scratch/$1")
  java -jar "$scratch/jmxterm-1.0.4-uber.jar" -n -v brief -i "$scratch/$1" 2>&1 || true
}
{
  echo "==== as operator"
  session operator
  echo
  echo "==== as monitor"
  session monitor
} | sed "s/ *$//" >"$here/jmxterm.txt"
