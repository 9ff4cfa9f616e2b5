module github.com/boltauthgen/boltauthgen/interop

go 1.26.0

replace github.com/boltauthgen/boltauthgen => ../

require (
	github.com/MicahParks/jwkset v0.11.4
	github.com/boltauthgen/boltauthgen v0.0.0-00010101000000-000000000000
	github.com/go-jose/go-jose/v4 v4.1.9
	github.com/golang-jwt/jwt/v5 v5.3.1
	github.com/stretchr/testify v1.12.1
)

require (
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/time v0.9.0 // indirect
)
