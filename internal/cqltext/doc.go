// Package cqltext writes the values of CQL types as text, and reads them: as cqlsh's COPY TO and COPY FROM do, but
// without loss.
//
//	ascii, text         as they are
//	boolean             True, False; read in any case
//	integers, varint    in decimal
//	decimal             -12.345; 5E-101 and 5E+3 where the scale is more than 100 or less than 0
//	float, double       in as many digits as tell a number from its neighbours; NaN, Infinity, -Infinity
//	blob, custom types  0x and hexadecimal digits
//	uuid, timeuuid      with hyphens; also read without
//	inet                as usual
//	timestamp           2006-01-02 15:04:05.000+0000; before the year 1 and after 9999 the milliseconds since 1970. Read also
//	                    with T, fewer parts, other zones, and more digits, which are cut off. Without a zone it is UTC
//	date                2006-01-02, -0001-12-31, +10000-01-01
//	time                15:04:05.000000000; read with fewer digits, too
//	duration            1y2mo3d4h5m6s7ms8us9ns; read in ISO 8601, too
//	list, vector        [1, 2]
//	set                 {1, 2}
//	map                 {1: 'a', 2: 'b'}
//	tuple               (1, 'a')
//	user-defined type   {street: 'a', "No": 1}; the fields in any order when read
//
// Inside of others, text, inet, date, time and timestamp are in single quotes, in which ” is a quote, so that the text is
// a literal of CQL, unless there are nulls in it; what is in quotes may be anything when read, and text may be without.
// White space between values does not matter.
//
// Numbers have at most [MaxDigits] digits. Of floating-point numbers, all that are none are one NaN; otherwise values
// come back in the same bytes, if these were the shortest ones for them.
//
// Where it goes another way than cqlsh (6.2.2, of Cassandra 5.0): that has 5 digits of a float and 12 of a double; it
// writes control characters as escapes and doubles each backslash, which its reading does not undo; it takes its own
// time zone for a timestamp without one; it writes dates beyond the years 1 to 9999 as a number of days, which it cannot
// read; and it writes no quotes around names of fields, nor around date and time, with whose colons it cannot read
// maps of them.
package cqltext
