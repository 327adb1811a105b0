module github.com/rxcql/rxcql/contrib/failsafe

go 1.25.0

require (
	github.com/failsafe-go/failsafe-go v0.9.8
	github.com/rxcql/rxcql v0.0.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
)

require (
	github.com/HdrHistogram/hdrhistogram-go v1.4.0 // indirect
	github.com/bits-and-blooms/bitset v1.24.4 // indirect
	github.com/influxdata/tdigest v0.0.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/time v0.15.0 // indirect
)

replace github.com/rxcql/rxcql => ../..
