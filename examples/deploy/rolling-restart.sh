#!/bin/sh
# Restarts the replicas of systemd one after the other, such as after an update:
#   ./rolling-restart.sh 8081 8082
# Each is ready before the next one ends; the first that is not stops it.
set -eu
[ $# -gt 0 ] || { echo "give the ports of the replicas" >&2; exit 2; }
for port; do
  systemctl restart "httpserver@$port"
  # Longer than the interval of the proxy's health checks: it must know that
  # this one is back before the next one ends.
  sleep 3
done
