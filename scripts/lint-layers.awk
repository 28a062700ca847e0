# Checks one or more C files against the layers and the banned calls; scripts/lint-layers calls it.
# Variable: order (the folders of src/, lowest first, separated by spaces).
# A banned call that is needed says why on its own line: /* allow system: reason */
function complain(what, mend) {
	printf "%s:%d: %s; %s\n", FILENAME, FNR, what, mend
	bad = 1
}
# The line without comments and without what stands in string literals.
function bare(text,    out, end) {
	gsub(/\\\\|\\"/, "", text)
	out = ""
	while (text != "") {
		if (in_comment) {
			end = index(text, "*/")
			if (!end)
				return out
			in_comment = 0
			text = substr(text, end + 2)
		} else if (match(text, /\/\*|\/\/|"/)) {
			out = out substr(text, 1, RSTART - 1)
			mark = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			if (mark == "//")
				return out
			if (mark == "/*")
				in_comment = 1
			else if (end = index(text, "\""))
				text = substr(text, end + 1)
		} else {
			return out text
		}
	}
	return out
}
function check_own(target) {
	if (!index(target, "/")) {
		if (target !~ /\.pb\.h$/)
			complain("\"" target "\" names no folder", "write \"folder/" target "\"")
		return
	}
	sub(/\/.*/, "", target)
	if (!(target in rank))
		complain("\"" target "/\" is no folder of the layers", "name one of: " order)
	else if (folder in rank && rank[target] > rank[folder])
		complain(folder "/ includes " target "/, which lies below it",
			 "move the shared part up, or let " target "/ call " folder "/")
}
function check_foreign(target) {
	if (target ~ /^sqlite3/ && FILENAME !~ /src\/store\/sqlite\//)
		complain("<" target "> outside src/store/sqlite", "go through store/store.h")
	if (target !~ /^openssl\// || folder == "crypto")
		return
	if (target ~ /^openssl\/(ssl|err|bio)\.h$/ &&
	    FILENAME ~ /src\/(server\/gateway|gate|agent)\//)
		return
	complain("<" target "> outside src/crypto", "use or extend a header of src/crypto")
}
function check_calls(code,    name) {
	while (match(code, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
		before = RSTART > 1 ? substr(code, RSTART - 1, 1) : ""
		name = substr(code, RSTART, RLENGTH)
		code = substr(code, RSTART + RLENGTH)
		sub(/[ \t]*\($/, "", name)
		if (name in instead && before != "." && before != ">" &&
		    index($0, "allow " name ": ") == 0)
			complain(name "() is banned", "use " instead[name])
	}
}
BEGIN {
	count = split(order, names, " ")
	for (i = 1; i <= count; i++)
		rank[names[i]] = i
	instead["strcpy"] = instead["strcat"] = instead["strncpy"] = instead["strncat"] = \
		"text_copy() or a struct buf"
	instead["sprintf"] = instead["vsprintf"] = "snprintf() or buf_printf()"
	instead["gets"] = "a struct reader"
	instead["atoi"] = instead["atol"] = instead["atoll"] = "text_to_u64() or text_to_i64()"
	instead["strtok"] = "a loop over strcspn()"
	instead["system"] = instead["popen"] = \
		"fork and exec with an argument list, or write /* allow NAME: reason */ on the line"
}
FNR == 1 {
	in_comment = 0
	folder = FILENAME
	is_source = folder ~ /(^|\/)src\//
	sub(/.*src\//, "", folder)
	sub(/\/.*/, "", folder)
}
/^[ \t]*#[ \t]*include/ && is_source {
	target = $0
	sub(/^[^"<]*["<]/, "", target)
	sub(/[">].*/, "", target)
	if ($0 ~ /include[ \t]*"/)
		check_own(target)
	else
		check_foreign(target)
	next
}
{ check_calls(bare($0)) }
END { exit bad }
