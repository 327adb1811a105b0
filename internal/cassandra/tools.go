package cassandra

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// tools are the programs that bringing up Cassandra takes.
type tools struct {
	java string
	mvn  string
	home string // for JAVA_HOME: Maven needs it when java is not on PATH; else empty
}

// wellKnownJDKs are the places where installers put JDKs, as patterns of their home folders.
var wellKnownJDKs = []string{
	"/usr/lib/jvm/*",
	"/opt/java/*",
	"/Library/Java/JavaVirtualMachines/*/Contents/Home",
	"/opt/homebrew/opt/openjdk@*",
	"/usr/local/opt/openjdk@*",
	"~/.sdkman/candidates/java/*",
	"~/.jdks/*",
}

// findTools looks for a fitting java in JAVA_HOME, on PATH and in the given places, and for mvn on PATH if
// needMaven is set. What is missing is told in one error of one line, with what to install.
func findTools(ctx context.Context, places []string, needMaven bool) (tools, error) {
	var missing []string
	t, unfit := findJava(ctx, places)
	if t.java == "" {
		want := "a JDK 11 or 17"
		if len(unfit) > 0 {
			want += " (Cassandra does not start on the one found: " + strings.Join(unfit, ", ") + ")"
		}
		missing = append(missing, want)
	}
	if needMaven {
		var err error
		if t.mvn, err = exec.LookPath("mvn"); err != nil {
			missing = append(missing, "Maven (mvn on PATH)")
		}
	}
	if len(missing) > 0 {
		return tools{}, fmt.Errorf("the integration tests bring up Cassandra %s, install %s (Debian: openjdk-17-jdk-headless, maven; "+
			"Homebrew: openjdk@17, maven), or name a running cluster in %s", version, strings.Join(missing, " and "), envHosts)
	}
	return t, nil
}

// findJava returns the first java of a fitting version, and the ones that it had to leave.
func findJava(ctx context.Context, places []string) (found tools, unfit []string) {
	var candidates []tools
	if home := os.Getenv("JAVA_HOME"); home != "" {
		candidates = append(candidates, tools{java: filepath.Join(home, "bin", "java"), home: home})
	}
	if java, err := exec.LookPath("java"); err == nil {
		candidates = append(candidates, tools{java: java})
	}
	for _, home := range expand(places) {
		candidates = append(candidates, tools{java: filepath.Join(home, "bin", "java"), home: home})
	}
	for _, c := range candidates {
		major, err := javaVersion(ctx, c.java)
		switch {
		case err != nil: // no java there, or a stub that only offers to install one
		case major == 11 || major == 17:
			return c, nil
		default:
			unfit = append(unfit, fmt.Sprintf("%d in %s", major, c.java))
		}
	}
	return tools{}, unfit
}

func expand(patterns []string) []string {
	var homes []string
	for _, p := range patterns {
		if rest, ok := strings.CutPrefix(p, "~"); ok {
			user, err := os.UserHomeDir()
			if err != nil {
				continue
			}
			p = user + rest
		}
		matches, _ := filepath.Glob(p) // errs only on a malformed pattern, and these are constants
		homes = append(homes, matches...)
	}
	return homes
}

func javaVersion(ctx context.Context, java string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s -version: %w", java, err)
	}
	return parseJavaVersion(string(out))
}

var javaVersionLine = regexp.MustCompile(`(?m)^\w+ version "(\d+)(?:\.(\d+))?`)

// parseJavaVersion finds the major version in what `java -version` prints: "1.8.0_392" is 8, "17.0.15" is 17.
func parseJavaVersion(out string) (int, error) {
	m := javaVersionLine.FindStringSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("no Java version in %q", out)
	}
	major := m[1]
	if major == "1" && m[2] != "" {
		major = m[2]
	}
	return strconv.Atoi(major)
}
