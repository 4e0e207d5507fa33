#!/usr/bin/env bash
# Tool for shapes.

set -euo pipefail

LIMIT=10

# Says hello.
# Twice.
hello() {
  echo "hello"
  echo "hello"
}

function with-dash { echo dash; }

function both()
{
  (
    cd /tmp
    ls
  )
}

one_line() { echo one; }; two() { echo two; }

if [ -n "${LIMIT:-}" ]; then
  conditional() {
    echo "$LIMIT"
  }
fi

long_one() {
  local name=$1

  while read -r line; do
    case "$line" in
      a*)
        echo "a"
        ;;
      b*)
        echo "b"
        ;;
      *)
        echo "other"
        ;;
    esac
  done < "$name"

  # write it
  cat <<EOF
first line
function not_a_function() {
}
last line
EOF

  if [ "$name" = x ]; then
    echo "x"
  else
    echo "y"
  fi
}

for i in 1 2 3; do
  hello "$i"
done

main "$@"
