package cassandra

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// leash runs a program ("$@") that dies with us. A shell in its background reads the pipe to us: a line means that
// the program has ended by itself; the end of the pipe without a line means that we are gone, however that came
// about, so it kills the program and removes its folder ($0). The kernel's own means for this (PR_SET_PDEATHSIG)
// is Linux's alone and fires when a thread of ours ends.
const leash = `exec 3<&0 </dev/null
(read -r ended <&3 || { kill -9 $$; sleep 1; rm -rf "$0"; }) >/dev/null 2>&1 &
exec "$@" 3<&-`

// process is a program on the leash.
type process struct {
	cmd   *exec.Cmd
	log   *journal
	ended chan struct{} // closed when the program has ended and err is set
	err   error
}

// startProcess starts a program. Whoever starts it calls kill. The folder scratch is removed if this process dies
// before the program; it may be empty.
func startProcess(scratch string, argv ...string) (*process, error) {
	leashEnd, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := &process{log: newJournal(), ended: make(chan struct{})}
	p.cmd = exec.Command("/bin/sh", append([]string{"-c", leash, scratch}, argv...)...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = leashEnd, p.log, p.log
	// A group of its own: Ctrl-C is for the tests, which then stop the node.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 10 * time.Second
	err = p.cmd.Start()
	leashEnd.Close()
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("start of %s: %w", argv[0], err)
	}
	go func() {
		p.err = p.cmd.Wait()
		_, _ = ours.WriteString("ended\n") // fails only if the leash is gone too
		ours.Close()
		close(p.ended)
	}()
	return p, nil
}

// kill ends the program with SIGKILL and waits until it has ended.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only if it has ended already
	<-p.ended
}
