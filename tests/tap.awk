# Reads one test program's TAP output; prints "passed failed skipped" and then a line per case that
# failed or was skipped. Variables: name (of the program), status (its exit status), file (its log).
# A failed case brings the first lines of its diagnostics: whoever reads the run has not its logs.
# A program that ends badly, says no plan or misses it has failed once more.
function sentence(text) {
	sub(/^[ \t]*-[ \t]*/, "", text)
	sub(/[ \t]+$/, "", text)
	gsub(/_/, " ", text)
	return text
}
BEGIN {
	DIAGNOSTIC_LINES = 8
	planned = passed = failed = skipped = notes = 0
	has_plan = 0
	told = DIAGNOSTIC_LINES
}
/^1\.\.[0-9]+/ { planned += substr($1, 4) + 0; has_plan = 1; next }
/^(not )?ok([ \t]|$)/ {
	line = $0
	told = DIAGNOSTIC_LINES
	bad = sub(/^not /, "", line)
	sub(/^ok[ \t]*[0-9]*[ \t]*/, "", line)
	if (match(line, /#[ \t]*[Ss][Kk][Ii][Pp]/)) {
		skipped++
		why = sentence(substr(line, RSTART + RLENGTH))
		sub(/^[ \t]+/, "", why)
		what = sentence(substr(line, 1, RSTART - 1))
		note[notes++] = "  skipped: " name ": " what (what == "" ? "" : ": ") why
	} else if (bad) {
		failed++
		note[notes++] = "  FAILED: " name ": " sentence(line) " (" file ")"
		told = 0
	} else {
		passed++
	}
	next
}
/^#/ && told < DIAGNOSTIC_LINES {
	note[notes++] = "    " substr($0, 1, 300)
	told++
}
END {
	seen = passed + failed + skipped
	if (status == 124 || status == 137)
		trouble = "was stopped after its time limit"
	else if (status != 0 && failed == 0)
		trouble = "ended with status " status
	else if (!has_plan)
		trouble = "gave no plan"
	else if (planned != seen)
		trouble = "planned " planned " cases and gave " seen
	if (trouble != "") {
		failed++
		note[notes++] = "  FAILED: " name ": " trouble " (" file ")"
	}
	print passed, failed, skipped
	for (i = 0; i < notes; i++)
		print note[i]
}
