package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

const completionExample = `  # bash, for this shell only; put the line into ~/.bashrc for every one:
  source <(boltauthgen completion bash)

  # zsh, in a folder of $fpath:
  boltauthgen completion zsh > "${fpath[1]}/_boltauthgen"

  # fish:
  boltauthgen completion fish > ~/.config/fish/completions/boltauthgen.fish

  # PowerShell:
  boltauthgen completion powershell | Out-String | Invoke-Expression`

// completionCommand stands in for cobra's, which answers an unknown shell with the usage text and success.
func (a *app) completionCommand(root *cobra.Command) *cobra.Command {
	scripts := map[string]func(io.Writer) error{
		"bash":       func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"fish":       func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": root.GenPowerShellCompletionWithDesc,
		"zsh":        root.GenZshCompletion,
	}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print the script that completes commands, flags and packages",
		Long:      "Completion prints a script for bash, zsh, fish or powershell. With it, the shell completes\ncommands, flags and package patterns that begin with a folder.",
		Example:   completionExample,
		ValidArgs: slices.Sorted(maps.Keys(scripts)),
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE:      func(_ *cobra.Command, args []string) error { return scripts[args[0]](a.stdout) },
	}
}

// completePackages completes package patterns that begin with a folder.
func (a *app) completePackages(o *options) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		cfg, err := a.config(*o, nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return packagePatterns(cfg.Dir, word), cobra.ShellCompDirectiveNoFileComp
	}
}

// packagePatterns returns the patterns that a word may become: for each folder that it leads to the package in it, and
// all packages below.
func packagePatterns(dir, word string) []string {
	switch word {
	case "", ".":
		word = "./"
	case "..":
		word = "../"
	}
	if !strings.HasPrefix(word, "./") && !strings.HasPrefix(word, "../") && !filepath.IsAbs(word) {
		return nil // an import path
	}
	parent, name := word[:strings.LastIndex(word, "/")+1], word[strings.LastIndex(word, "/")+1:]
	folder := filepath.FromSlash(parent)
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(dir, folder)
	}
	if !isFolder(folder) {
		return nil
	}
	var patterns []string
	if strings.HasPrefix("...", name) {
		patterns = append(patterns, parent+"...")
	}
	_, below := contents(folder)
	for _, sub := range below {
		if !strings.HasPrefix(sub, name) {
			continue
		}
		isPackage, deeper := contents(filepath.Join(folder, sub))
		if isPackage {
			patterns = append(patterns, parent+sub)
		}
		if len(deeper) > 0 {
			patterns = append(patterns, parent+sub+"/...")
		}
	}
	return patterns
}

// contents returns whether a folder holds Go files, and the folders in it that the go command looks into for "...".
func contents(folder string) (isPackage bool, below []string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false, nil
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case name[0] == '.' || name[0] == '_' || name == "testdata" || name == "vendor":
		case e.IsDir():
			below = append(below, name)
		case strings.HasSuffix(name, ".go"):
			isPackage = true
		}
	}
	return isPackage, below
}
