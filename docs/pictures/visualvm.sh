#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Takes visualvm.png from a running system: start `mvn -Prun` first. Needs curl, VisualVM with its JDK, Xvfb, xdotool
# and ImageMagick (apt-get install visualvm default-jdk xvfb xdotool imagemagick).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
if [[ -z "${IN_XVFB:-}" ]]; then
  IN_XVFB=yes exec xvfb-run -a -s "-screen 0 1280x800x24" "$0" "$@"
fi
source "$here/calls.sh"
pid="${1:-$(server_pid)}"

scratch="$(mktemp -d)"
visualvm=
finish() {
  stop_calling
  close_visualvm
  rm -rf "$scratch"
}
start_calling
trap finish EXIT

open_visualvm() {
  # In a group of its own, since its starter is a shell.
  setsid visualvm --nosplash --userdir "$scratch/user" --cachedir "$scratch/cache" "$@" >>"$scratch/log" 2>&1 &
  visualvm=$!
  xdotool search --sync --onlyvisible --name '^VisualVM' >&-
  sleep 8
  click 785 671 # "I Accept", of the GPL, at the first start.
  sleep 16 # It tells nobody when it has opened what it was given.
}

close_visualvm() {
  if [[ -n "$visualvm" ]]; then
    kill -- "-$visualvm" || true
    wait "$visualvm" || true
    visualvm=
  fi
}

click() {
  xdotool mousemove "$1" "$2" click 1
  sleep 5
}

open_visualvm --openpid "$pid"
click 687 204 # "Threads"; the overview would show the paths of this machine.
sleep 5
import -window root -crop 900x590+190+105 +repage "$here/visualvm.png"
close_visualvm
