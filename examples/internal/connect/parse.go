package connect

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// NewFlags makes the flags of an example for [Parse]. about is the line above them when -h lists them.
func NewFlags(name, about string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // a mistake is one line, not all of the usage
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), about)
		flags.PrintDefaults()
	}
	return flags
}

// Parse reads the arguments. help tells that only help was wanted, which it has written to out.
func Parse(flags *flag.FlagSet, args []string, out io.Writer) (help bool, err error) {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(out)
		flags.Usage()
		return true, nil
	case err != nil:
		return false, fmt.Errorf("%w; -h lists the flags", err)
	}
	return false, nil
}
