package sink

import (
	"mime"
	"strconv"
	"strings"
)

// negotiate picks one of the media types that are offered by the Accept headers of a request (RFC 9110, 12.5.1): the one
// with the highest quality. Of equal ones it is that which is named more precisely, since who asks for
// "application/json, */*" means JSON, and then that which is offered first. Parameters other than q are not looked at,
// and what is no media range does not count.
func negotiate(headers []string, offers []MediaType) (MediaType, bool) {
	var best MediaType
	quality, precision := 0.0, 0
	ranges := mediaRanges(headers)
	for _, offer := range offers {
		q, p := liking(ranges, string(offer))
		if q > quality || q == quality && q > 0 && p > precision {
			best, quality, precision = offer, q, p
		}
	}
	return best, quality > 0
}

// mediaRange is an element of an Accept header.
type mediaRange struct {
	text    string // type/subtype, type/* or */*
	quality float64
}

// mediaRanges are the elements of the headers; anything, if there are none.
func mediaRanges(headers []string) (ranges []mediaRange) {
	for _, header := range headers {
		for element := range splitList(header) {
			text, parameters, err := mime.ParseMediaType(element)
			if err != nil || !strings.Contains(text, "/") {
				continue
			}
			r := mediaRange{text, 1}
			if q, ok := parameters["q"]; ok {
				if r.quality, err = strconv.ParseFloat(q, 64); err != nil || !(r.quality >= 0 && r.quality <= 1) {
					continue
				}
			}
			ranges = append(ranges, r)
		}
	}
	if ranges == nil {
		return []mediaRange{{"*/*", 1}}
	}
	return ranges
}

// liking is the quality of an offer by the most precise range that it is in, and how precise that is.
func liking(ranges []mediaRange, offer string) (quality float64, precision int) {
	main, _, _ := strings.Cut(offer, "/")
	for _, r := range ranges {
		p := 0
		switch r.text {
		case offer:
			p = 3
		case main + "/*":
			p = 2
		case "*/*":
			p = 1
		}
		if p > precision || p == precision && p > 0 && r.quality > quality {
			quality, precision = r.quality, p
		}
	}
	return quality, precision
}

// splitList yields the elements of a header that is a list: what is between commas outside of quotes.
func splitList(header string) func(func(string) bool) {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := 0; i < len(header); i++ {
			switch c := header[i]; {
			case c == '\\' && quoted:
				i++
			case c == '"':
				quoted = !quoted
			case c == ',' && !quoted:
				if !yield(header[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(header[start:])
	}
}

// takesTrailers tells whether the client says, by TE (RFC 9110, 10.1.4), that it looks at trailers.
func takesTrailers(headers []string) bool {
	for _, header := range headers {
		for element := range splitList(header) {
			name, _, _ := strings.Cut(element, ";")
			if strings.EqualFold(strings.TrimSpace(name), "trailers") {
				return true
			}
		}
	}
	return false
}
