package redisstore

import "time"

// SetSilence sets how long nothing is heard before the server is asked whether it is there.
func (s *Revocation) SetSilence(d time.Duration) { s.silence = d }
