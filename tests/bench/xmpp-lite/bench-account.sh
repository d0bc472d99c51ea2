#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bench-account: the whole plugin next to libpurple's own XMPP, in the same host, on the same Prosody.
#
# Every figure is the difference between two marks that a fresh host process (tests/host, "memory") sets: CPU time,
# user and system, and resident memory. The two plugins take turns; printed is the median of ours and of the ratios
# round by round. Both speak TLS 1.3 with the server, ours by GnuTLS, theirs by NSS; each gets the cipher it prefers.
# ROUNDS=N: how many; VERBOSE=yes: each round on stderr; KEEP=yes: leaves what was written.
set -euo pipefail
cd "$(dirname "$0")/../../.."

ROUNDS=${ROUNDS:-7}
MESSAGES=10000
CONTACTS=1000
GROUPS_OF_THEM=20
THEIRS=prpl-jabber

here=tests/bench/xmpp-lite
prosody=tests/peers/prosody
export HOST=$PWD/build/plain/tests/host/host
export LANG=C.UTF-8 alice=alice@localhost bob=bob@localhost
unset LC_ALL LANGUAGE G_SLICE

run=$(mktemp -d "${TMPDIR:-/tmp}/bench-account.XXXXXX")
clean_up() {
	"$prosody" stop "$run/server"
	[ -n "${KEEP-}" ] || rm -rf "$run"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# ---- people -----------------------------------------------------------------------------------------------------

# Accounts and rosters as Prosody's store has them, for all lines "USER CONTACT NAME GROUP" on stdin, one user after
# the other.
fill_store() {
	local store=$run/server/data/localhost
	mkdir -p "$store/accounts" "$store/roster"
	awk -v store="$store" '
		function finish() { if (user) { print "};" > file; close(file) } }
		$1 != user {
			finish()
			user = $1
			file = store "/accounts/" user ".dat"
			print "return { [\"password\"] = \"secret\"; };" > file
			close(file)
			file = store "/roster/" user ".dat"
			print "return {\n\t[false] = { [\"version\"] = 1; [\"pending\"] = {}; };" > file
		}
		{
			printf "\t[\"%s@localhost\"] = { [\"subscription\"] = \"both\"; [\"name\"] = \"%s\"; ", $2, $3 > file
			printf "[\"groups\"] = { [\"%s\"] = true; }; };\n", $4 > file
		}
		END { finish() }'
}

people() {
	local i
	echo alice bob Bob Friends
	echo bob alice Alice Friends
	for ((i = 1; i <= CONTACTS; i++)); do
		echo "popular contact$i Contact_$i Group_$((i % GROUPS_OF_THEM))"
	done
	# Of somebody who does not exist the server would say so; these are just not there.
	for ((i = 1; i <= CONTACTS; i++)); do
		echo "contact$i popular Popular Friends"
	done
}

# ---- rounds -----------------------------------------------------------------------------------------------------

# Appends "CPU-SECONDS KILOBYTES" between the marks to a file.
measure() { # SCRIPT N ours|theirs FILE
	local dir
	dir=$(mktemp -d "$run/$1.XXXXXX")
	case $3 in
	ours) export PRPL=prpl-xmpp-lite SERVER=server ;;
	theirs) export PRPL=$THEIRS SERVER=connect_server ;;
	esac
	export N=$2
	if ! "$HOST" --plugins build --ca "$CA" --user-dir "$dir/purple" "$here/$1.script" \
		> "$dir/out" 2> "$dir/err" < /dev/null; then
		tail -n 20 "$dir/out" "$dir/err" >&2
		exit 1
	fi
	awk -F '[ =]' '/^memory before / { kb = $4; ms = $6 }
		/^memory after / { print ($6 - ms) / 1000, $4 - kb }' "$dir/out" >> "$4"
	[ -z "${VERBOSE-}" ] || echo "$1 $3: $(tail -n 1 "$4")" >&2
}

median() {
	sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

figure() { # NAME UNIT SCRIPT COLUMN
	local ours=$run/$3.ours theirs=$run/$3.theirs
	printf 'BENCH xmpp-lite/%s %s %s lower ratio=%.2f vs=%s\n' "$1" \
		"$(awk -v n="$4" '{ print $n }' "$ours" | median)" "$2" \
		"$(paste -d ' ' "$ours" "$theirs" | awk -v n="$4" '{ print $n / $(n + 2) }' | median)" "$THEIRS"
}

# Messages kept for later would greet the next round, and with an archive it is the server that is measured.
"$prosody" start "$run/server" modules-=offline,mam
. "$run/server/env"
export CA C2S
people | fill_store
# A server that has not met a client's software asks about it on behalf of each contact, once. That is not measured.
for who in ours theirs; do
	alice=popular@localhost measure sign-on $CONTACTS $who "$run/first"
done
for ((round = 1; round <= ROUNDS; round++)); do
	for who in ours theirs; do
		alice=popular@localhost measure sign-on $CONTACTS $who "$run/sign-on.$who"
		measure receive $MESSAGES $who "$run/receive.$who"
	done
done
figure receive-$MESSAGES-cpu s receive 1
figure receive-$MESSAGES-memory KB receive 2
figure sign-on-$CONTACTS-cpu s sign-on 1
figure sign-on-$CONTACTS-memory KB sign-on 2
