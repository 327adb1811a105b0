package cql

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
)

func TestSchemaQuestionsAreShared(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		questions := newSchemaQuestions()
		asked := 0
		ask := func(context.Context) (string, error) {
			asked++
			answer := strconv.Itoa(asked)
			time.Sleep(time.Millisecond)
			return answer, nil
		}
		answers := make(chan string, 32)
		for range cap(answers) {
			go func() {
				time.Sleep(time.Microsecond)
				answer, err := questions.versions(t.Context(), ask)
				require.NoError(t, err)
				answers <- answer
			}()
		}
		first, err := questions.versions(t.Context(), ask)
		require.NoError(t, err)
		require.Equal(t, "1", first)
		for range cap(answers) {
			require.Equal(t, "2", <-answers, "asked after they came")
		}
	})
}

func TestSchemaQuestionsAreBounded(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		questions := newSchemaQuestions()
		asked := 0
		down := errors.New("down")
		ask := func(context.Context) (string, error) {
			if asked++; asked == 1 {
				return "", down
			}
			return strconv.Itoa(asked), nil
		}
		_, err := questions.versions(t.Context(), ask)
		require.ErrorIs(t, err, down)
		for second := range 3 {
			for range 1000 {
				answer, err := questions.versions(t.Context(), ask)
				require.NoError(t, err)
				require.Equal(t, strconv.Itoa(asked), answer)
			}
			require.Equal(t, (second+1)*mostQuestions, asked)
			time.Sleep(time.Second)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		<-questions.turn // somebody asks
		_, err = questions.versions(ctx, ask)
		require.ErrorIs(t, err, context.Canceled)
	})
}
