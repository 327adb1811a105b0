package rxcql.bench;

import com.datastax.oss.driver.api.core.cql.Row;
import java.time.Instant;
import java.util.UUID;

/** A row of the table that is read. */
public final class Event {
  public int bucket;
  public int id;
  public Instant ts;
  public String kind;
  public double value;
  public UUID ref;
  public String payload;

  public static Event of(Row row) {
    Event e = new Event();
    e.bucket = row.getInt(0);
    e.id = row.getInt(1);
    e.ts = row.getInstant(2);
    e.kind = row.getString(3);
    e.value = row.getDouble(4);
    e.ref = row.getUuid(5);
    e.payload = row.getString(6);
    return e;
  }

  public Event doubled() {
    value *= 2;
    return this;
  }

  public boolean kept() {
    return value >= 0;
  }
}
