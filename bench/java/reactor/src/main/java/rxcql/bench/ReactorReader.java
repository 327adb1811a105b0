package rxcql.bench;

import com.datastax.dse.driver.api.core.cql.reactive.ReactiveRow;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** The Java driver's reactive API with Reactor. */
public final class ReactorReader implements Reader {
  private final CqlSession session;
  private final PreparedStatement all;
  private final int page;

  public static void main(String[] args) throws Exception {
    Contest contest = new Contest(args);
    try (Reader reader = new ReactorReader(contest)) {
      contest.read(reader);
    }
  }

  private ReactorReader(Contest contest) {
    CqlSessionBuilder builder = CqlSession.builder()
        .withLocalDatacenter(contest.dc)
        .withConfigLoader(DriverConfigLoader.programmaticBuilder()
            .withString(DefaultDriverOption.PROTOCOL_VERSION, contest.protocol())
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofMinutes(2))
            .build());
    for (String host : contest.hosts.split(",")) {
      int colon = host.lastIndexOf(':');
      builder.addContactPoint(new InetSocketAddress(host.substring(0, colon), Integer.parseInt(host.substring(colon + 1))));
    }
    session = builder.build();
    all = session.prepare(contest.query);
    page = contest.page;
  }

  private Flux<ReactiveRow> rows() {
    return Flux.from(session.executeReactive(all.bind().setPageSize(page)));
  }

  @Override
  public long readAll() {
    return rows().map(Event::of).map(Event::doubled).filter(Event::kept).buffer(Contest.GROUP)
        .map(List::size).reduce(0L, Long::sum).block();
  }

  @Override
  public void take(int n, Runnable seen) throws InterruptedException {
    CountDownLatch left = new CountDownLatch(n);
    BaseSubscriber<Event> subscriber = new BaseSubscriber<>() {
      @Override
      protected void hookOnSubscribe(Subscription subscription) {
        request(n);
      }

      @Override
      protected void hookOnNext(Event e) {
        left.countDown();
      }
    };
    rows().map(Event::of).subscribe(subscriber);
    left.await();
    seen.run();
    subscriber.cancel();
  }

  @Override
  public void close() {
    session.close();
  }
}
