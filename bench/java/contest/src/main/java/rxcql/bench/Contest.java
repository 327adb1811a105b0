package rxcql.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What a contestant is told, as name=value each, and how it tells what a run took: a line of JSON. */
public final class Contest {
  public static final int GROUP = 500;
  private static final int FIRST_ROWS = 21; // times that the first row is waited for

  public final String hosts;
  public final String dc;
  public final String query;
  public final int page;
  public final boolean ten; // only ten rows, so that the requests for them can be counted
  private final Map<String, String> told = new HashMap<>();

  public Contest(String[] args) {
    for (String arg : args) {
      int at = arg.indexOf('=');
      told.put(arg.substring(0, at), arg.substring(at + 1));
    }
    hosts = told("hosts");
    dc = told("dc");
    query = told.get("query");
    page = Integer.parseInt(told("page"));
    ten = told("job").equals("ten");
  }

  public String told(String name) {
    String value = told.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + "=… is missing");
    }
    return value;
  }

  /** As gocql has it, and as the counting of pages understands it. */
  public String protocol() {
    return "V4";
  }

  public interface Job {
    long run() throws Exception;
  }

  /** Does what this process was asked for with a reader. */
  public void read(Reader reader) throws Exception {
    if (ten) {
      reader.take(10, () -> pause(500));
      System.out.println("{}");
      return;
    }
    warmUp(reader::readAll);
    Result result = measure(reader::readAll);
    double[] ms = new double[FIRST_ROWS];
    for (int i = 0; i < ms.length; i++) {
      long start = System.nanoTime();
      int at = i;
      reader.take(1, () -> ms[at] = (System.nanoTime() - start) / 1e6);
    }
    Arrays.sort(ms);
    result.firstRowMs = ms[ms.length / 2];
    result.tell();
  }

  /** Runs a job until the compilers have seen enough of it. */
  public void warmUp(Job job) throws Exception {
    long end = System.nanoTime() + (long) (Double.parseDouble(told("warmup")) * 1e9);
    do {
      job.run();
    } while (System.nanoTime() < end);
  }

  /** Runs a job for the record. */
  public Result measure(Job job) throws Exception {
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    long rows = job.run();
    Result result = new Result();
    result.rows = rows;
    result.rowsPerSecond = rows / ((System.nanoTime() - start) / 1e9);
    result.cpuPerRow = (system.getProcessCpuTime() - cpu) / (double) rows;
    result.peakMiB = peakMiB();
    return result;
  }

  /** What a run took. */
  public static final class Result {
    public long rows;
    public double rowsPerSecond;
    public double cpuPerRow;
    public double peakMiB;
    public double firstRowMs;

    public void tell() {
      System.out.printf(Locale.ROOT,
          "{\"Rows\":%d,\"RowsPerSecond\":%f,\"CPUPerRow\":%f,\"PeakMiB\":%f,\"FirstRowMs\":%f}%n",
          rows, rowsPerSecond, cpuPerRow, peakMiB, firstRowMs);
    }
  }

  private static void pause(int ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static double peakMiB() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0; // only Linux tells it
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    return 0;
  }
}
