package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

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
