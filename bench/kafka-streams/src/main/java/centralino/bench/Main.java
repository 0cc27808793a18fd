package centralino.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.QueryableStoreTypes;

/**
 * `ADDRESS TOPIC GUARANTEE RECORDS FOLDER`: read the topic from its start, twice in this JVM, each time from empty stores;
 * print a list of JSON on stdout: of each pass the figures, and the marks (records read, clock, CPU-seconds, also by
 * thread) at its first record, at its last, and once it was closed.
 */
public final class Main {
    private static final double TICKS = 100; // USER_HZ, on every Linux
    private static final int PASSES = 2;

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[4]);
        List<Map<String, Object>> told = new ArrayList<>();
        for (int pass = 0; pass < PASSES; pass++) {
            Properties settings = new Properties();
            settings.put(StreamsConfig.APPLICATION_ID_CONFIG, folder.getFileName() + "-" + pass);
            settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
            settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[2]);
            settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
            settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
            told.add(pass(settings, arguments[1], Long.parseLong(arguments[3])));
        }
        System.out.println(new ObjectMapper().addMixIn(Cell.class, Cell.Reported.class).writeValueAsString(told));
        System.exit(0);
    }

    private static Map<String, Object> pass(Properties settings, String topic, long records) throws Exception {
        Map<String, Object> told = new LinkedHashMap<>();
        AtomicLong seen = new AtomicLong();
        CountDownLatch over = new CountDownLatch(1);
        Runnable done = () -> {
            long now = seen.incrementAndGet();
            if (now == 1) {
                told.put("first", mark(now));
            }
            if (now == records) {
                told.put("last", mark(now));
                over.countDown();
            }
        };
        KafkaStreams streams = new KafkaStreams(Figures.topology(topic, done), settings);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            over.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        over.await();
        if (seen.get() < records) {
            System.exit(1);
        }
        told.put("figures", figures(streams));
        streams.close(Duration.ofSeconds(30));
        told.put("closed", mark(seen.get()));
        told.put("peak_bytes", peakBytes());
        return told;
    }

    private static Map<String, Cell> figures(KafkaStreams streams) {
        Map<String, Cell> found = new TreeMap<>();
        var store = streams.store(StoreQueryParameters.fromNameAndType(
                FiguresProcessor.FIGURES, QueryableStoreTypes.<String, Cell>keyValueStore()));
        try (var all = store.all()) {
            while (all.hasNext()) {
                var entry = all.next();
                // A partition's cells are in its own store: one queue's are in all of them.
                found.merge(entry.key, entry.value, Main::sum);
            }
        }
        return found;
    }

    private static Cell sum(Cell one, Cell other) {
        one.offered += other.offered;
        one.answered += other.answered;
        one.inThreshold += other.inThreshold;
        one.waitMs += other.waitMs;
        one.abandoned += other.abandoned;
        one.shortAbandoned += other.shortAbandoned;
        one.flowedOut += other.flowedOut;
        one.handled += other.handled;
        one.talkMs += other.talkMs;
        one.holdMs += other.holdMs;
        one.handleMs += other.handleMs;
        one.wrapUpMs += other.wrapUpMs;
        return one;
    }

    /** Now, in seconds of a clock; and the process's CPU-seconds, in all and by the name of the thread. */
    private static Map<String, Object> mark(long read) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("read", read);
        found.put("clock", System.nanoTime() / 1e9);
        found.put("cpu", cpuSeconds(Path.of("/proc/self/stat")));
        Map<String, Double> threads = new TreeMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            tasks.forEach(task -> {
                try {
                    threads.merge(Files.readString(task.resolve("comm")).trim(),
                            cpuSeconds(task.resolve("stat")), Double::sum);
                } catch (UncheckedIOException | IOException gone) {
                    // The thread has ended meanwhile; what it took is in the process's own time.
                }
            });
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        found.put("threads", threads);
        return found;
    }

    private static double cpuSeconds(Path stat) {
        try {
            String text = Files.readString(stat);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static long peakBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
