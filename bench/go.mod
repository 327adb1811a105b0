module github.com/rxcql/rxcql/bench

go 1.25.0

require (
	github.com/destel/rill v0.7.0
	github.com/gocql/gocql v1.7.0
	github.com/reactivex/rxgo/v2 v2.5.0
	github.com/reugn/go-streams v0.13.0
	github.com/rxcql/rxcql v0.0.0
	github.com/samber/ro v0.3.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/sync v0.20.0
)

require (
	github.com/HdrHistogram/hdrhistogram-go v1.4.0 // indirect
	github.com/cenkalti/backoff/v4 v4.0.0 // indirect
	github.com/emirpasic/gods v1.12.0 // indirect
	github.com/golang/snappy v0.0.3 // indirect
	github.com/hailocab/go-hostpool v0.0.0-20160125115350-e80d13ce29ed // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/samber/lo v1.52.0 // indirect
	github.com/stretchr/objx v0.5.3 // indirect
	github.com/teivah/onecontext v0.0.0-20200513185103-40f981bfd775 // indirect
	go.uber.org/goleak v1.3.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/exp v0.0.0-20220303212507-bbda1eaf7a17 // indirect
	golang.org/x/text v0.22.0 // indirect
	golang.org/x/time v0.15.0 // indirect
	gopkg.in/inf.v0 v0.9.1 // indirect
)

replace github.com/rxcql/rxcql => ../
