# SPDX-License-Identifier: GPL-2.0-or-later
# purple-trio: three protocol plugins for libpurple 2.x. "make help" lists what can be asked for.

VERSION := 0.1
GETTEXT := purple-trio

PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
CLANG ?= clang
FUZZ_SECONDS ?= 60
WERROR ?= $(if $(CI),-Werror)

# ---- what there is --------------------------------------------------------------------------
# Sources are found by folder; the folder decides what they may include and what they link with.

PLUGINS := $(notdir $(patsubst %/,%,$(wildcard plugins/*/)))
COMMON := $(wildcard common/*.c)
COMMON_PURPLE := $(wildcard common/purple/*.c)
core_of = $(sort $(wildcard plugins/$1/wire/*.c plugins/$1/session/*.c plugins/$1/session/*/*.c))
prpl_of = $(wildcard plugins/$1/prpl/*.c)
CORES := $(COMMON) $(foreach p,$(PLUGINS),$(call core_of,$p))

TESTS := $(filter-out tests/purple/%,$(wildcard tests/*/test-*.c))
PURPLE_TESTS := $(wildcard tests/purple/test-*.c)
FUZZERS := $(wildcard tests/fuzz/*/fuzz-*.c)
BENCHES := $(wildcard tests/bench/*/bench-*.c)
HOST := $(filter-out tests/host/main.c,$(wildcard tests/host/*.c))
PEERS := $(wildcard tests/peers/*.c)
MSNP8_SERVER := $(wildcard tests/peers/msnp8/*.c)

# ---- packages -------------------------------------------------------------------------------
CORE_PKGS := glib-2.0 gnutls
xmpp-lite_PKGS := libxml-2.0 libidn libidn2
# Seen by common/store.c alone, linked wherever common is. json-glib registers types that outlive it when a host
# unloads a plugin, and crashes when it comes back; so plugins stay loaded (-z nodelete).
STORE_PKGS := json-glib-1.0
PKGS := $(CORE_PKGS) $(STORE_PKGS) $(sort $(foreach p,$(PLUGINS),$($p_PKGS))) purple

pkg = $(shell $(PKG_CONFIG) $1 $2 2>/dev/null)
CORE_CFLAGS := $(call pkg,--cflags,$(CORE_PKGS))
STORE_CFLAGS := $(call pkg,--cflags,$(STORE_PKGS))
CORE_LIBS := $(call pkg,--libs,$(CORE_PKGS) $(STORE_PKGS))
PURPLE_CFLAGS := $(call pkg,--cflags,purple)
PURPLE_LIBS := $(call pkg,--libs,purple)
$(foreach p,$(PLUGINS),$(eval $p_CFLAGS := $(if $($p_PKGS),$(call pkg,--cflags,$($p_PKGS)))))
$(foreach p,$(PLUGINS),$(eval $p_LIBS := $(if $($p_PKGS),$(call pkg,--libs,$($p_PKGS)))))

PLUGINDIR ?= $(call pkg,--variable=plugindir,purple)
LOCALEDIR ?= $(or $(call pkg,--variable=datarootdir,purple),/usr/share)/locale
HOMEDIR ?= $(HOME)/.purple/plugins

# ---- flags ----------------------------------------------------------------------------------
BASE_CFLAGS := -std=gnu11 -I. -fPIC -fvisibility=hidden -fstack-protector-strong \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wundef -Wno-unused-parameter -Wno-missing-field-initializers \
	-DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_66 -DGLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_66
SAN_CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined

# The second word of a path names the plugin (plugins/<p>/…, tests/<p>/…, tests/fuzz/<p>/…).
area = $(lastword $(filter $(PLUGINS),$(subst /, ,$1)))
sees_purple = $(filter common/purple/% tests/host/% tests/purple/%,$1)$(findstring /prpl/,$1)
flags_for = $(CORE_CFLAGS) $(if $(filter common/store.c,$1),$(STORE_CFLAGS)) $($(call area,$1)_CFLAGS) $(if $(filter tests/peers/% tests/bench/%,$1),$(foreach p,$(PLUGINS),$($p_CFLAGS))) \
	$(if $(call sees_purple,$1),$(PURPLE_CFLAGS) -DPURPLE_PLUGINS -DVERSION='"$(VERSION)"' \
	-DGETTEXT_PACKAGE='"$(GETTEXT)"' -DLOCALEDIR='"$(LOCALEDIR)"') \
	$(if $(filter tests/bench/%,$1),$(PURPLE_CFLAGS))

V ?= 0
Q := $(if $(filter 0,$V),@)
say = $(if $(filter 0,$V),@printf '  %-5s %s\n' $1 $2)

.PHONY: all check asan fuzz bench run install install-home uninstall update-po dist clean \
	help check-layers check-fresh locales $(addprefix plugins/,$(PLUGINS)) \
	$(addprefix check-,$(PLUGINS))
.DELETE_ON_ERROR:
.SECONDARY:

all: $(addprefix plugins/,$(PLUGINS)) locales                 ## build every plugin into build/

# ---- missing packages: one message instead of a page of compiler errors -----------------------
NEEDS_BUILD := $(filter-out help clean check run check-fresh update-po dist bench,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_BUILD),)
MISSING := $(shell for p in $(PKGS); do $(PKG_CONFIG) --exists $$p 2>/dev/null || printf '%s ' $$p; done)
ifneq ($(strip $(MISSING)),)
$(info Cannot build yet, these packages were not found: $(MISSING))
$(info )
$(info Debian, Ubuntu:  apt install $(shell tests/need --list build))
$(info Fedora:          dnf install gcc make pkgconf-pkg-config gettext libpurple-devel glib2-devel gnutls-devel json-glib-devel libxml2-devel libidn-devel libidn2-devel)
$(info Arch:            pacman -S base-devel gettext libpurple glib2 gnutls json-glib libxml2 libidn libidn2)
$(info )
$(error Install them and run make again)
endif
endif

# ---- variants: the same sources compiled several ways -------------------------------------------
comma := ,
# $1 name, $2 compiler, $3 flags. Objects stand in build/<name>/ under the path of their source.
define variant
build/$1/%.o: %.c
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$2 $$(BASE_CFLAGS) $$(call flags_for,$$<) $3 $$(WERROR) -MMD -MP -c -o $$@ $$<
-include $$(shell find build/$1 -name '*.d' 2>/dev/null)
endef
$(eval $(call variant,plain,$$(CC),$$(CPPFLAGS) $$(CFLAGS)))
$(eval $(call variant,asan,$$(CC),$(SAN_CFLAGS)))
$(eval $(call variant,clang,$$(CLANG),-O1))
$(eval $(call variant,fuzz,$$(CLANG),-O1 -g -fsanitize=fuzzer-no-link$(comma)address$(comma)undefined))

objs = $(patsubst %.c,build/$1/%.o,$2)
plugin_src = $(COMMON) $(COMMON_PURPLE) $(call core_of,$1) $(call prpl_of,$1)

# ---- plugins ------------------------------------------------------------------------------------
# $1 plugin, $2 variant, $3 target file
define plugin
$3: $$(call objs,$2,$$(call plugin_src,$1)) common/purple/plugin.map
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -shared -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete -Wl,--version-script=common/purple/plugin.map \
		$$(if $$(filter asan,$2),$$(SAN_CFLAGS),$$(CFLAGS) $$(LDFLAGS)) -o $$@ \
		$$(filter %.o,$$^) $$(CORE_LIBS) $$($1_LIBS) $$(PURPLE_LIBS)
endef
$(foreach p,$(PLUGINS),$(eval $(call plugin,$p,plain,build/lib$p.so)))
# Plugins built with ASan undefined symbols resolve in the ASan-built host.
$(foreach p,$(PLUGINS),$(eval $(call plugin,$p,asan,build/asan/lib$p.so)))
$(foreach p,$(PLUGINS),$(eval plugins/$p: build/lib$p.so))

# ---- catalogues -----------------------------------------------------------------------------------
LINGUAS := $(shell cat po/LINGUAS 2>/dev/null)
locales: $(LINGUAS:%=build/locale/%/LC_MESSAGES/$(GETTEXT).mo)
build/locale/%/LC_MESSAGES/$(GETTEXT).mo: po/%.po
	$(call say,MSGFMT,$@)
	$(Q)mkdir -p $(@D)
	$(Q)msgfmt -c -o $@ $<

update-po:                                                    ## refresh po/ from the sources
	printf '%s\n' $(sort $(foreach p,$(PLUGINS),$(call prpl_of,$p)) $(COMMON_PURPLE)) > po/POTFILES.in
	xgettext --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=ngettext:1,2 --from-code=UTF-8 --add-comments=TRANSLATORS \
		--package-name=$(GETTEXT) --package-version=$(VERSION) --sort-by-file \
		--files-from=po/POTFILES.in -o po/$(GETTEXT).pot
	for l in $(LINGUAS); do msgmerge --quiet --update --backup=none po/$$l.po po/$(GETTEXT).pot; done

# ---- tests ------------------------------------------------------------------------------------------
# A test links with the pure objects of its area only, and with what stands beside it in tests/<area>;
# tests/purple with libpurple and the host's parts. $1 source, $2 variant
shared_of = $(filter-out tests/$1/test-%,$(wildcard tests/$1/*.c))
test_core = $(COMMON) $(wildcard tests/lib/*.c) $(if $(call area,$1),$(call core_of,$(call area,$1)) $(call shared_of,$(call area,$1)))
PURPLE_TEST_PARTS := $(COMMON) $(COMMON_PURPLE) $(HOST) $(PEERS) $(wildcard tests/lib/*.c) \
	$(call shared_of,purple) $(foreach p,$(PLUGINS),$(call core_of,$p))
define test
build/$2/$(1:.c=): $$(call objs,$2,$1 $$(call test_core,$1))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(if $$(filter asan,$2),$$(SAN_CFLAGS),$$(CFLAGS)) -o $$@ $$(filter %.o,$$^) \
		$$(CORE_LIBS) $$($$(call area,$1)_LIBS)
endef
define purple_test
build/$2/$(1:.c=): $$(call objs,$2,$1 $$(PURPLE_TEST_PARTS))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(if $$(filter asan,$2),$$(SAN_CFLAGS),$$(CFLAGS)) -o $$@ $$(filter %.o,$$^) \
		$$(CORE_LIBS) $$(foreach p,$$(PLUGINS),$$($$p_LIBS)) $$(PURPLE_LIBS)
endef
define host
build/$1/tests/host/host: $$(call objs,$1,tests/host/main.c $$(HOST))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(if $$(filter asan,$1),$$(SAN_CFLAGS),$$(CFLAGS)) -o $$@ $$(filter %.o,$$^) $$(CORE_LIBS) $$(PURPLE_LIBS)
endef
# A program of its own, so that a story can be told to it from outside.
define msnp8_server
build/$1/tests/peers/msnp8/msnp8-server: $$(call objs,$1,$$(MSNP8_SERVER))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(if $$(filter asan,$1),$$(SAN_CFLAGS),$$(CFLAGS)) -o $$@ $$(filter %.o,$$^) $$(CORE_LIBS)
endef
define fuzzer
build/asan/$(1:.c=): $$(call objs,asan,$1 tests/fuzz/replay-main.c $$(call test_core,$1))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(SAN_CFLAGS) -o $$@ $$(filter %.o,$$^) $$(CORE_LIBS) $$($$(call area,$1)_LIBS)
build/fuzz/$(1:.c=): $$(call objs,fuzz,$1 $$(call test_core,$1))
	$$(call say,LINK,$$@)
	$$(Q)$$(CLANG) -fsanitize=fuzzer,address,undefined -o $$@ $$(filter %.o,$$^) $$(CORE_LIBS) $$($$(call area,$1)_LIBS)
endef
define bench
build/plain/$(1:.c=): $$(call objs,plain,$1 $$(call test_core,$1))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(CFLAGS) -o $$@ $$(filter %.o,$$^) $$(CORE_LIBS) $$($$(call area,$1)_LIBS) $$(PURPLE_LIBS)
endef
$(foreach t,$(TESTS),$(foreach v,asan plain,$(eval $(call test,$t,$v))))
$(foreach t,$(PURPLE_TESTS),$(foreach v,asan plain,$(eval $(call purple_test,$t,$v))))
$(foreach v,asan plain,$(eval $(call host,$v)))
$(foreach v,asan plain,$(eval $(call msnp8_server,$v)))
$(foreach f,$(FUZZERS),$(eval $(call fuzzer,$f)))
$(foreach b,$(BENCHES),$(eval $(call bench,$b)))

# "make check" first sees to it that everything it needs is installed, then starts over with the packages there.
TESTERS := $(foreach t,$(TESTS) $(PURPLE_TESTS),build/asan/$(t:.c=))
REPLAYS := $(foreach f,$(FUZZERS),build/asan/$(f:.c=))
PLAYS := $(wildcard tests/*/plays/*.play)
HOSTS := build/asan/tests/host/host build/plain/tests/host/host
SERVERS := build/asan/tests/peers/msnp8/msnp8-server
ASAN_PLUGINS := $(PLUGINS:%=build/asan/lib%.so)
CLANG_OBJECTS := $(call objs,clang,$(sort $(foreach p,$(PLUGINS),$(call plugin_src,$p))))
corpus_of = $(patsubst %/,%,$(dir $1))/$(patsubst fuzz-%.c,%,$(notdir $1))

check:                                                        ## install what the tests need and run them all
	@tests/need check
	@$(MAKE) --no-print-directory WERROR=-Werror all $(sort $(TESTERS) $(REPLAYS) $(HOSTS) $(SERVERS) $(ASAN_PLUGINS) $(CLANG_OBJECTS)) \
		build/plain/tests/purple/test-xmpp-cut
	@$(MAKE) --no-print-directory -s list-checks | tests/tap

# As tests/play runs it.
VALGRIND := valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect \
	--show-leak-kinds=definite,indirect --error-exitcode=99 --child-silent-after-fork=yes \
	--suppressions=tests/host/valgrind.supp

# What "make check" runs, a command a line.
.PHONY: list-checks
list-checks:
	@echo tests/check-layers
	@$(foreach t,$(TESTERS),echo $t --tap;)
	@$(foreach f,$(FUZZERS),echo build/asan/$(f:.c=) $(call corpus_of,$f);)
	@echo tests/peers/msnp8/check-transcripts
	@echo tests/play --variant asan --ui pidgin $(PLAYS)
	@echo tests/play --variant asan --ui bitlbee $(PLAYS)
	@echo tests/play --variant valgrind --ui pidgin $(PLAYS)
	@echo G_SLICE=always-malloc LANG=C.UTF-8 CUT_STRIDE=3 $(VALGRIND) build/plain/tests/purple/test-xmpp-cut --tap
	@echo tests/hosts/finch
	@echo tests/hosts/pidgin
	@echo tests/hosts/bitlbee
	@echo tests/hosts/msnp8-finch
	@echo tests/hosts/msnp8-pidgin
	@echo tests/hosts/msnp8-bitlbee

# $1 plugin: its own part of the above.
define check_plugin
check-$1:
	@tests/need check
	@$$(MAKE) --no-print-directory all $$(sort $$(filter build/asan/tests/$1/% build/asan/tests/fuzz/$1/% build/asan/tests/common/%,$$(TESTERS) $$(REPLAYS)) \
		$$(HOSTS) $$(SERVERS) build/asan/lib$1.so)
	@{ $$(foreach t,$$(filter build/asan/tests/$1/%,$$(TESTERS)),echo $$t --tap;) \
	   $$(foreach f,$$(filter tests/fuzz/$1/%,$$(FUZZERS)),echo build/asan/$$(f:.c=) $$(call corpus_of,$$f);) \
	   echo tests/play --variant asan --ui pidgin $$(filter tests/$1/%,$$(PLAYS)); } | tests/tap
endef
$(foreach p,$(PLUGINS),$(eval $(call check_plugin,$p)))

check-layers: all                                             ## the rules of the design, by compiler, nm and grep
	@tests/check-layers

check-fresh:                                                  ## both README commands in a bare Debian 12 tree (as root)
	tests/fresh

asan: $(ASAN_PLUGINS) $(TESTERS) build/asan/tests/host/host   ## plugins, tests and host with the sanitizers

fuzz: $(foreach f,$(FUZZERS),build/fuzz/$(f:.c=))             ## fuzz each parser for FUZZ_SECONDS (60)
	$(foreach f,$(FUZZERS),mkdir -p build/corpus/$f && build/fuzz/$(f:.c=) -max_total_time=$(FUZZ_SECONDS) -print_final_stats=0 \
		-artifact_prefix=build/corpus/$f/ build/corpus/$f $(call corpus_of,$f) &&) true

bench:                                                        ## measure, next to others, and print BENCH lines
	@tests/need check
	@$(MAKE) --no-print-directory all build/plain/tests/host/host $(foreach b,$(BENCHES),build/plain/$(b:.c=))
	@$(foreach b,$(BENCHES),build/plain/$(b:.c=) &&) $(foreach b,$(wildcard tests/bench/*/bench-*.sh),$b &&) true

run:                                                          ## a server, two people, and Finch to talk in (UI=pidgin: Pidgin)
	@tests/need $(if $(filter pidgin,$(UI)),pidgin,run)
	@$(MAKE) --no-print-directory all build/plain/tests/host/host
	@tests/run $(or $(UI),finch)

# ---- installing ---------------------------------------------------------------------------------------
install: all                                                  ## into libpurple's own folder, DESTDIR is honoured
	install -d $(DESTDIR)$(PLUGINDIR)
	install -m 0755 $(PLUGINS:%=build/lib%.so) $(DESTDIR)$(PLUGINDIR)
	$(foreach l,$(LINGUAS),install -d $(DESTDIR)$(LOCALEDIR)/$l/LC_MESSAGES && install -m 0644 \
		build/locale/$l/LC_MESSAGES/$(GETTEXT).mo $(DESTDIR)$(LOCALEDIR)/$l/LC_MESSAGES &&) true

install-home: all                                             ## for yourself alone, into ~/.purple/plugins
	install -d $(HOMEDIR)
	install -m 0755 $(PLUGINS:%=build/lib%.so) $(HOMEDIR)

uninstall:                                                    ## take out what install and install-home put in
	rm -f $(PLUGINS:%=$(DESTDIR)$(PLUGINDIR)/lib%.so) $(if $(DESTDIR),,$(PLUGINS:%=$(HOMEDIR)/lib%.so))
	rm -f $(LINGUAS:%=$(DESTDIR)$(LOCALEDIR)/%/LC_MESSAGES/$(GETTEXT).mo)

dist:                                                         ## a source tarball in build/
	@mkdir -p build
	git archive --prefix=$(GETTEXT)-$(VERSION)/ -o build/$(GETTEXT)-$(VERSION).tar.gz HEAD

help:                                                         ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1	\2/p' Makefile | expand -t 16
	@printf '%s\n' $(foreach p,$(PLUGINS),'  plugins/$p	build this plugin alone' '  check-$p	only this plugin'"'"'s tests') | expand -t 24

clean:                                                        ## remove build/
	rm -rf build
