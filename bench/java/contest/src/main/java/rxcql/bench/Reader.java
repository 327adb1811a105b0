package rxcql.bench;

/** What a contestant does with the table. */
public interface Reader extends AutoCloseable {
  /** Reads all rows, doubles each value, keeps those that are not negative, groups them by 500, and gives how many came through. */
  long readAll() throws Exception;

  /** Asks for n rows, calls seen when they are there, and then leaves the rest. */
  void take(int n, Runnable seen) throws Exception;
}
