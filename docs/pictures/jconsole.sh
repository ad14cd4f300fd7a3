#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Takes jconsole.png from a running system: start `mvn -Prun` first. Needs a JDK, and Xvfb where there is no
# display (apt-get install xvfb).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
pid="${1:-$(jps -l | awk '/payara-micro/ { print $1; exit }')}"
: "${pid:?no Payara Micro runs on this machine; give the process id of the server as the argument}"

command=(java --add-modules jdk.jconsole --add-exports jdk.jconsole/sun.tools.jconsole=ALL-UNNAMED
  "$here/JConsolePicture.java" "$pid" serpentry default "$here/jconsole.png")
if [[ -z "${DISPLAY:-}" ]]; then
  command=(xvfb-run -a -s "-screen 0 1280x900x24" "${command[@]}")
fi
exec "${command[@]}"
