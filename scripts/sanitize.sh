#!/usr/bin/env bash
# sanitize.sh asan|tsan [ctest options]: builds that preset and runs its tests. A report from any process
# fails it, also from workers, whose deaths the tests may take for granted. Says which tests are left out, and
# why.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

preset=${1-}
shift || true
case "$preset" in asan | tsan) ;; *) die "it takes asan or tsan, not \"$preset\"" ;; esac
tree=build-$preset
reports=$PWD/$tree/reports
supp=$PWD/scripts/sanitizers

left_out=()
# leave_out REASON PATTERN…: tests whose names begin with one of the patterns do not run.
leave_out() {
  printf 'left out of %s, as %s: %s\n' "$preset" "$1" "${*:2}"
  left_out+=("${@:2}")
}

# The thread sanitizer looks at the layers whose processes have threads of acre's: another build of everything
# would double the time.
targets=(all)
chosen=.
if [ "$preset" = tsan ]; then
  targets=(channel_test node_test observe_test executor_test executor_contract_test session_test
    conformance_test)
  chosen='^(channel|node|observe|executor|session)_test\.'
  chosen+='|^executor_contract_test\..*(threads|serial)|^conformance\.(threads|serial)'
  echo "tsan: only tests that match $chosen, as it takes long"
fi
cmake --preset "$preset"
cmake --build --preset "$preset" --target "${targets[@]}"

leave_out 'they look at sources, not at what runs' style 'wire_fail\.' 'executor_fail\.'
leave_out 'it builds acre again, which the release does' 'install\.'
if [ "$preset" = asan ]; then
  leave_out 'fork and threads show what it can see' 'conformance\.(spawn|serial|[0-9]+-ranks)'
fi
leave_out '3,000 seeds follow instead of 100,000' 'acre-simulate\.100000-seeds'
leave_out 'a sanitizer needs more memory than these limits leave, or holds what they count' 'bench\.chaos' \
  'executor_program_test\.Memory\.' 'executor_test\.Workers\.and_this_process_keep_no_memory' \
  'executor_ends_test\.Limits\.of_memory' \
  'executor_ends_test\.Wild\.memory_beyond'
leave_out 'clang takes its two types of one name for one, which their vptrs contradict' \
  'task_test\.Failure\.of_a_users_type_is_thrown_as_it_unless_it_cannot_be_told_which'
rm -rf "$reports"
mkdir "$reports"
# Tasks that die by signals on purpose are to die as they do without a sanitizer.
common="log_path=$reports/report:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0"
# Leaks are not looked for: workers end without giving back what they hold, and Open MPI unloads modules that
# have leaked, so that nothing tells whose it was. What acre itself leaks, acre-bench chaos sees.
export ASAN_OPTIONS="$common:strict_string_checks=1:detect_stack_use_after_return=1:detect_leaks=0"
export UBSAN_OPTIONS="$common:print_stacktrace=1"
export TSAN_OPTIONS="$common:die_after_fork=0:suppressions=$supp/tsan.supp"

pattern=$(printf '|^%s' "${left_out[@]}")
status=0
# What counts here are reports, which fail this script whenever they come; a test that only came too late, as
# everything is slow here, has a second try.
ctest --test-dir "$tree" --output-on-failure -j2 --no-tests=error --repeat until-pass:2 \
  -R "$chosen" -E "${pattern:1}" "$@" || status=$?
[ "$preset" = tsan ] || "$tree/bin/acre-simulate" --seeds 0..3000 || status=$?
if compgen -G "$reports/*" >/dev/null; then
  head -n 60 "$reports"/*
  die "$(find "$reports" -type f | wc -l) reports of the sanitizer are in $reports"
fi
[ "$status" -eq 0 ] || die "tests failed under $preset"
