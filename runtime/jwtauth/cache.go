package jwtauth

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync/atomic"
)

const (
	defaultCacheSize = 10_000
	maxCacheSize     = 1 << 24

	// maxCached is the length of the longest token that is remembered, so that the
	// memory is bounded by the number of tokens.
	maxCached = 4 << 10

	// ways is how many places a token can have. Their pointers fill a cache line.
	ways = 8

	// hashed is how many bytes at the end of a token decide about its place: a part
	// of the signature that is long enough for nobody to choose it.
	hashed = 43
)

// A cache remembers tokens that held. It knows nothing about whether they still
// do.
//
// Only tokens whose signature was verified get in, and one that came just once
// makes room before one that came again: neither forged tokens nor a flood of
// valid ones push out those that are in use. It is safe for concurrent use, and
// finding takes no lock. A nil cache remembers nothing.
type cache struct {
	seed maphash.Seed
	mask uint64
	sets [][ways]atomic.Pointer[cached]
}

// A cached is a token that is remembered. Where it came from belongs to it, since
// that is a part of the principal.
type cached struct {
	hash     uint64
	text     string
	ambient  bool
	again    atomic.Bool // it came again
	verified verified
}

// newCache returns a cache for about as many tokens, and nil for a negative
// number.
func newCache(size int) (*cache, error) {
	switch {
	case size < 0:
		return nil, nil
	case size > maxCacheSize:
		return nil, fmt.Errorf("more than %d", maxCacheSize)
	case size == 0:
		size = defaultCacheSize
	}
	sets := 1
	for sets*ways < size {
		sets *= 2
	}
	return &cache{
		seed: maphash.MakeSeed(),
		mask: uint64(sets - 1),
		sets: make([][ways]atomic.Pointer[cached], sets),
	}, nil
}

func (c *cache) hash(text string) uint64 {
	return maphash.String(c.seed, text[max(0, len(text)-hashed):])
}

// find returns the token, and nil if it is not there. All of its text counts:
// the hash picks a place, and no more.
func (c *cache) find(text string, ambient bool) *verified {
	if c == nil {
		return nil
	}
	hash := c.hash(text)
	set := &c.sets[hash&c.mask]
	for i := range set {
		entry := set[i].Load()
		if entry == nil || entry.hash != hash || entry.text != text || entry.ambient != ambient {
			continue
		}
		if !entry.again.Load() { // written once, so that readers share the line
			entry.again.Store(true)
		}
		return &entry.verified
	}
	return nil
}

// add remembers the token that the entry is about; the rest of the entry is set
// here. It takes the place of an older memory of the same token, else a free one,
// else that of a token that did not come again.
func (c *cache) add(text string, ambient bool, entry *cached) {
	if c == nil || len(text) > maxCached {
		return
	}
	// The text may be a part of a header that is much longer.
	entry.hash, entry.text, entry.ambient = c.hash(text), strings.Clone(text), ambient
	set := &c.sets[entry.hash&c.mask]
	set[c.place(set, entry)].Store(entry)
}

// place returns the index of the place for a new entry.
func (c *cache) place(set *[ways]atomic.Pointer[cached], entry *cached) int {
	place := -1
	for i := range set {
		switch old := set[i].Load(); {
		case old == nil:
			if place < 0 || set[place].Load() != nil {
				place = i
			}
		case old.hash == entry.hash && old.text == entry.text && old.ambient == entry.ambient:
			return i
		case place < 0 && (!old.again.Load() || !old.verified.current()):
			place = i
		}
	}
	if place >= 0 {
		return place
	}
	for i := range set { // all came again: from now on it counts anew who does
		if old := set[i].Load(); old != nil {
			old.again.Store(false)
		}
	}
	return int(entry.hash>>32) % ways
}
