package rxcql.bench;

import com.datastax.oss.dsbulk.runner.DataStaxBulkLoader;
import com.datastax.oss.dsbulk.runner.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The DataStax Bulk Loader with the arguments of its command line, which follow after "--". It runs in this process to warm
 * up, and then once for the record. Rows per second are what its log says, which leaves out how long it takes to start. Its
 * directory of logs, and the one it writes to, are emptied before each run.
 */
public final class Dsbulk {
  private static final Pattern ROWS = Pattern.compile("Records: total: [\\d,]+, successful: ([\\d,]+), failed: 0");
  private static final Pattern RATE = Pattern.compile("Throughput: ([\\d,]+) (reads|writes)/second");

  public static void main(String[] args) throws Exception {
    List<String> all = List.of(args);
    int dashes = all.indexOf("--");
    Contest contest = new Contest(all.subList(0, dashes).toArray(new String[0]));
    Path logs = Path.of(contest.told("logs"));
    Path out = Path.of(contest.told("out"));
    String[] command = Stream.concat(all.subList(dashes + 1, all.size()).stream(), Stream.of("--log.directory", logs.toString()))
        .toArray(String[]::new);
    contest.warmUp(() -> run(logs, out, into(contest.told("warmtable"), command)));
    Contest.Result result = contest.measure(() -> run(logs, out, command));
    result.rowsPerSecond = number(RATE, said(logs));
    result.tell();
    System.exit(0); // it leaves threads behind
  }

  /** The command for another table of the same columns, so that the one to be loaded stays empty until it counts. */
  private static String[] into(String table, String[] command) {
    String[] other = command.clone();
    other[List.of(command).indexOf("-t") + 1] = table;
    return other;
  }

  private static long run(Path logs, Path out, String[] command) throws IOException {
    empty(logs);
    empty(out);
    ExitStatus status = new DataStaxBulkLoader(command).run();
    if (status != ExitStatus.STATUS_OK) {
      throw new IllegalStateException(status + "\n" + said(logs));
    }
    return number(ROWS, said(logs));
  }

  /** What the log of the only run in the directory says. */
  private static String said(Path logs) throws IOException {
    try (Stream<Path> files = Files.walk(logs)) {
      return Files.readString(files.filter(p -> p.endsWith("operation.log")).findFirst().orElseThrow());
    }
  }

  /** The number in the first line that fits: the figures when all rows were done, before those when all was closed. */
  private static long number(Pattern pattern, String text) {
    Matcher m = pattern.matcher(text);
    if (!m.find()) {
      throw new IllegalStateException(pattern + " is not in:\n" + text);
    }
    return Long.parseLong(m.group(1).replace(",", ""));
  }

  private static void empty(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path p : files.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) {
        Files.delete(p);
      }
    }
  }
}
