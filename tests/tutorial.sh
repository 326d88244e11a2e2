#!/bin/sh
# Runs the tutorial of the README: every line of its sh blocks, with the built commands in place of
# ./run, and compares what its text blocks show: each line must stand in the output of the command
# before it. tutorial.sh ROOT ROUNDEL ROUNDEL_BENCH [EMULATOR]
set -eu
root=$1 roundel=$2 bench=$3 emulator=${4:-}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
ln -s "$root/data" "$directory/data"
cd "$directory"

# The README runs commands as ./run; here it is the programs of this build. Maps of fewer pixels show
# as well that the command works.
cat >run <<END
#!/bin/sh
case \$1 in
bench) shift; exec $emulator '$bench' "\$@" ;;
project) exec $emulator '$roundel' "\$@" --width 64 ;;
*) exec $emulator '$roundel' "\$@" ;;
esac
END
chmod +x run

# One file for each block of the tutorial, in order: NN.sh or NN.text.
awk '
    /^## / { inside = /^## Five minutes/ }
    !inside { next }
    /^```/ && kind != "" { kind = ""; close(file); next }
    /^```(sh|text)$/ { kind = substr($0, 4); file = sprintf("%02d.%s", ++n, kind); next }
    kind != "" { print > file }
' "$root/README.md"

commands=0 lines=0
for block in [0-9][0-9].*; do
    case $block in
    *.sh)
        : >output
        while IFS= read -r command; do
            commands=$((commands + 1))
            if ! sh -c "$command" >>output 2>errors </dev/null; then
                cat errors
                echo "failed: $command"
                exit 1
            fi
        done <"$block"
        ;;
    *.text)
        while IFS= read -r line; do
            lines=$((lines + 1))
            if ! grep -qxF -e "$line" output; then
                cat output
                echo "the README shows, but the command did not print: $line"
                exit 1
            fi
        done <"$block"
        ;;
    esac
done
echo "$commands commands ran, $lines lines of output are as shown"
[ "$commands" -ge 8 ] && [ "$lines" -ge 9 ]
