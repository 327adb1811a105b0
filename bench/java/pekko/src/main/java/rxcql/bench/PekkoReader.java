package rxcql.bench;

import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Arrays;
import java.util.Map;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.connectors.cassandra.CassandraSessionSettings;
import org.apache.pekko.stream.connectors.cassandra.javadsl.CassandraSession;
import org.apache.pekko.stream.connectors.cassandra.javadsl.CassandraSessionRegistry;
import org.apache.pekko.stream.connectors.cassandra.javadsl.CassandraSource;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.stream.javadsl.Source;

/** Pekko Streams with Pekko's connector for Cassandra. */
public final class PekkoReader implements Reader {
  private final ActorSystem system;
  private final CassandraSession session;
  private final PreparedStatement all;
  private final int page;

  public static void main(String[] args) throws Exception {
    Contest contest = new Contest(args);
    try (Reader reader = new PekkoReader(contest)) {
      contest.read(reader);
    }
  }

  private PekkoReader(Contest contest) throws Exception {
    Config config = ConfigFactory.parseMap(Map.of(
        "datastax-java-driver.basic.contact-points", Arrays.asList(contest.hosts.split(",")),
        "datastax-java-driver.basic.load-balancing-policy.local-datacenter", contest.dc,
        "datastax-java-driver.basic.request.timeout", "2 minutes",
        "datastax-java-driver.advanced.protocol.version", contest.protocol(),
        "pekko.loglevel", "OFF"));
    system = ActorSystem.create("bench", config.withFallback(ConfigFactory.load()));
    session = CassandraSessionRegistry.get(system).sessionFor(CassandraSessionSettings.create());
    all = session.prepare(contest.query).toCompletableFuture().get();
    page = contest.page;
  }

  private Source<Row, NotUsed> rows() {
    return CassandraSource.create(session, all.bind().setPageSize(page));
  }

  @Override
  public long readAll() throws Exception {
    return rows().map(Event::of).map(Event::doubled).filter(Event::kept).grouped(Contest.GROUP)
        .runWith(Sink.fold(0L, (n, group) -> n + group.size()), system).toCompletableFuture().get();
  }

  @Override
  public void take(int n, Runnable seen) throws Exception {
    SinkQueueWithCancel<Event> queue = rows().map(Event::of).runWith(Sink.queue(), system);
    for (int i = 0; i < n; i++) {
      queue.pull().toCompletableFuture().get();
    }
    seen.run();
    queue.cancel();
  }

  @Override
  public void close() throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get();
  }
}
