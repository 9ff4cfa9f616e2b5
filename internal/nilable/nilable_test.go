package nilable

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIsNil(t *testing.T) {
	for _, v := range []any{nil, (*int)(nil), map[int]int(nil), (func())(nil), (chan int)(nil), []int(nil)} {
		assert.True(t, IsNil(v), "%T", v)
	}
	for _, v := range []any{0, "", new(int), map[int]int{}, func() {}, make(chan int), []int{}, struct{}{}, [0]int{}} {
		assert.False(t, IsNil(v), "%T", v)
	}
}
