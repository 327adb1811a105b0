// Package outside runs the peers that are not in Go: it builds the Maven project in the folder java and makes a place for
// the Python driver, and knows their command lines.
package outside

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Job is what a peer is told.
type Job struct {
	Hosts, DC string
	Query     string
	Page      int
	Warmup    float64 // seconds for which a JVM does the same before it is measured
	Ten       bool    // only ten rows, and no figures
}

func (j Job) args() []string {
	job := "read"
	if j.Ten {
		job = "ten"
	}
	return []string{
		"hosts=" + j.Hosts, "dc=" + j.DC, "query=" + j.Query, fmt.Sprintf("page=%d", j.Page), fmt.Sprintf("warmup=%g", j.Warmup), "job=" + job,
	}
}

// Java is the built Maven project.
type Java struct {
	dir  string
	java string
}

// BuildJava builds the project in a folder, which downloads what it needs the first time.
func BuildJava(ctx context.Context, dir string) (Java, error) {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return Java{}, fmt.Errorf("the peers in Java are built by Maven: %w", err)
	}
	java, err := findJava()
	if err != nil {
		return Java{}, err
	}
	build := exec.CommandContext(ctx, mvn, "-q", "-B", "-f", filepath.Join(dir, "pom.xml"), "package")
	if out, err := build.CombinedOutput(); err != nil {
		return Java{}, fmt.Errorf("mvn package: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return Java{dir, java}, nil
}

func findJava() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		return filepath.Join(home, "bin", "java"), nil
	}
	return exec.LookPath("java")
}

// Run gives the command line of a class of one of the modules.
func (j Java) Run(module, class string, job Job, args ...string) []string {
	target := filepath.Join(j.dir, module, "target")
	classes := filepath.Join(target, "classes") + string(os.PathListSeparator) + filepath.Join(target, "lib", "*")
	return append(append([]string{j.java, "-cp", classes, "rxcql.bench." + class}, job.args()...), args...)
}
