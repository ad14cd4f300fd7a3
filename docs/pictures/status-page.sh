#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Takes status-page.png and status-page-dark.png from a running system: start `mvn -Prun` first. Needs Chromium
# (apt-get install chromium) and curl, and the test classes that mvn -Prun leaves.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
server="${1:-http://127.0.0.1:8080}"
functions="$server/serpentry/api/functions"

call() {
  curl -sS -o "$scratch" -H 'Content-Type: application/json' -d "$2" "$functions/$1"
}

# Something to be seen: calls while the pictures are taken, and one that fails.
scratch="$(mktemp)"
call digits/predict '{"image": []}'
(while kill -0 $$ 2>&-; do call digits/accuracy '{}'; call answers/ask '{"question": "What is seen here?"}'; done) &
calls=$!
trap 'kill "$calls"; rm -f "$scratch"' EXIT

picture() {
  (cd "$root" && mvn -o -q exec:java -Dexec.classpathScope=test -Dexec.mainClass=org.serpentry.it.browser.PagePicture \
    -Dexec.arguments="$server/serpentry/api/status,document.querySelector('polyline')?.points.length>20,$1,$2")
}
picture "$here/status-page.png" light
picture "$here/status-page-dark.png" dark
