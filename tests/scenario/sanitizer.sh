# shellcheck shell=bash
# As sanitizer.py: sourced, it sends what the sanitizers say of the programs under test to a folder.

sanitizer_reports=$(mktemp -d /tmp/sanitizer-XXXXXX)
chmod 1777 "$sanitizer_reports" # of programs that became another user, too
export ASAN_OPTIONS=exitcode=99:handle_abort=1:${ASAN_OPTIONS-}:log_path=$sanitizer_reports/asan
export UBSAN_OPTIONS=abort_on_error=1:halt_on_error=1:print_stacktrace=1:${UBSAN_OPTIONS-}:log_path=$sanitizer_reports/ubsan

# Prints what was said and forgets it; true when there was something. A warning alone is nothing.
sanitizer_said() {
	local status=1
	if grep -rqE 'Sanitizer|runtime error' "$sanitizer_reports"; then
		cat "$sanitizer_reports"/*
		status=0
	fi
	rm -rf "$sanitizer_reports"
	return $status
}
