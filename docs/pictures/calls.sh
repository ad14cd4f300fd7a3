# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts beside it: finds the server of this tree's `mvn -Prun`, and calls its two examples, so that
# there is something to be seen.
callers=()
server="${server:-http://127.0.0.1:8080}"

# The process id of the server; no other Payara Micro of the machine is meant.
server_pid() {
  pgrep -of "jmxremote.password.file=$root/target/run/" || {
    echo "no server of $root runs: start mvn -Prun there, or give its process id as the argument" >&2
    return 1
  }
}

call() {
  curl -sS -o /dev/null -H 'Content-Type: application/json' -d "$2" "$server/serpentry/api/functions/$1"
}

keep_calling() {
  while kill -0 $$ 2>&-; do
    call digits/accuracy '{}'
    call answers/ask '{"question": "What is seen here?"}'
  done
}

# Four callers keep the two workers of the run busy.
start_calling() {
  call digits/accuracy '{}'
  for _ in 1 2 3 4; do
    keep_calling &
    callers+=($!)
  done
}

stop_calling() {
  kill "${callers[@]}"
}
