#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Takes jconsole.png, jconsole-running-calls.png, jconsole-notifications.png and jconsole-settings.png from a running
# system, over its remote JMX: start `mvn -Prun` first, and give host:port where it is not 127.0.0.1:8686. Needs a JDK,
# curl, and Xvfb where there is no display (apt-get install xvfb).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
source "$here/calls.sh"
start_calling
trap stop_calling EXIT

command=(java --add-modules jdk.jconsole --add-exports jdk.jconsole/sun.tools.jconsole=ALL-UNNAMED
  "$here/JConsolePicture.java" "${1:-127.0.0.1:8686}" operator "$root/target/run/jmxremote.password" serpentry default "$here")
if [[ -z "${DISPLAY:-}" ]]; then
  command=(xvfb-run -a -s "-screen 0 1280x1500x24" "${command[@]}")
fi
"${command[@]}"
