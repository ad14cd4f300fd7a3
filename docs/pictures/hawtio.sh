#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Takes hawtio.png and hawtio-operations.png from a running system: start `mvn -Prun` first. Attaches a Jolokia agent
# to the server for so long, and runs hawtio in a Payara Micro of its own, both on loopback. Needs a JDK, Maven, which
# fetches both, curl, Chromium (apt-get install chromium), and the test classes that mvn -Prun leaves.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
source "$here/calls.sh"
pid="${1:-$(server_pid)}"
call digits/accuracy '{}'
call answers/ask '{"question": "What is seen here?"}'
agent_port=8778
port=8090

scratch="$(mktemp -d)"
console=
finish() {
  java -jar "$scratch/jolokia-agent-jvm-2.1.1-javaagent.jar" stop "$pid" || true
  if [[ -n "$console" ]]; then
    kill "$console" && wait "$console" || true
  fi
  rm -rf "$scratch"
}
trap finish EXIT
for artifact in org.jolokia:jolokia-agent-jvm:2.1.1:jar:javaagent io.hawt:hawtio-default:4.2.0:war; do
  (cd "$root" && mvn -q dependency:copy -Dartifact="$artifact" -DoutputDirectory="$scratch")
done

java -jar "$scratch/jolokia-agent-jvm-2.1.1-javaagent.jar" --host 127.0.0.1 --port "$agent_port" start "$pid"
java -Xmx256m -Dhawtio.authenticationEnabled=false -jar "$root"/target/servers/payara-micro-*.jar --nocluster \
  --port "$port" --rootDir "$scratch/console" --prebootcommandfile "$root/deploy/payara-micro/loopback.txt" \
  --deploy "$scratch/hawtio-default-4.2.0.war" --contextroot hawtio >"$scratch/console.log" 2>&1 &
console=$!
until curl -sfo /dev/null "http://127.0.0.1:$port/hawtio/"; do
  kill -0 "$console" 2>&- || { cat "$scratch/console.log"; exit 1; }
  sleep 1
done

(cd "$root" && mvn -o -q exec:exec -Dexec.executable=java -Dexec.classpathScope=test \
  -Dexec.args="-cp %classpath $here/HawtioPicture.java http://127.0.0.1:$port/hawtio http://127.0.0.1:$agent_port/jolokia default $here")
