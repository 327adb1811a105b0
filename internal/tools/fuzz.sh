#!/bin/sh
# Runs every fuzz target of the module for the given time each, one after the other, as go test wants it. Stops at the
# first finding, which go test has written down under testdata.
set -eu
for package in $(go list ./...); do
	files=$(go list -f '{{$d := .Dir}}{{range .TestGoFiles}}{{$d}}/{{.}} {{end}}{{range .XTestGoFiles}}{{$d}}/{{.}} {{end}}' "$package")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $files /dev/null); do
		echo "$package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$package"
	done
done
