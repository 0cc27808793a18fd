import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Does once what is to be done of each alert and each closed interaction, whatever comes twice or is killed. */
public final class Subscribe {
    static final List<String> TABLES = List.of(
        "CREATE TABLE IF NOT EXISTS remembered "
            + "(source TEXT, id TEXT, revision INTEGER, at TEXT, PRIMARY KEY (source, id))",
        "CREATE TABLE IF NOT EXISTS done (line TEXT)");
    /** Changes a row when the event is new, or a higher revision of one that was told before. */
    static final String REMEMBER = """
        INSERT INTO remembered VALUES (?, ?, ?, CURRENT_TIMESTAMP)
        ON CONFLICT (source, id) DO UPDATE SET revision = excluded.revision, at = excluded.at
        WHERE excluded.revision > remembered.revision""";
    static final Map<String, Function<JsonNode, String>> HANDLERS = Map.of(
        "queue.sla.at_risk", Subscribe::alert,
        "queue.sla.breached", Subscribe::alert,
        "queue.sla.recovered", Subscribe::alert,
        "enriched.interaction.closed", Subscribe::closed);
    static volatile boolean stopping;

    static String alert(JsonNode data) {
        return "%s/%s %s: %d of %d in time, %d waiting".formatted(
            data.path("channel").asText(), data.path("queue").asText(), data.path("state").asText(),
            data.path("numerator").asLong(), data.path("denominator").asLong(), data.path("waiting").asLong());
    }

    static String closed(JsonNode data) {
        JsonNode measures = data.path("measures");
        return "%s %s %s: wait %d ms, handle %d ms".formatted(
            data.path("channel").asText(), data.path("interaction_id").asText(), data.path("outcome").asText(),
            measures.path("wait_ms").asLong(), measures.path("handle_ms").asLong());
    }

    static void handle(Connection db, JsonNode event) throws SQLException {
        var handler = HANDLERS.get(event.path("type").asText());
        if (handler == null) return; // other types are on these topics too, and some that are not invented yet
        try (var remember = db.prepareStatement(REMEMBER); var work = db.prepareStatement("INSERT INTO done VALUES (?)")) {
            remember.setString(1, event.path("source").asText());
            remember.setString(2, event.path("id").asText());
            remember.setLong(3, event.path("revision").asLong());
            if (remember.executeUpdate() == 0) return;
            String line = handler.apply(event.path("data"));
            work.setString(1, line);
            work.executeUpdate(); // your own work, in the transaction that remembers it
            System.out.println(line);
        }
    }

    public static void main(String[] args) throws Exception {
        var env = System.getenv();
        var prefix = env.getOrDefault("TOPIC_PREFIX", "");
        var json = new ObjectMapper();
        var text = new StringDeserializer();
        try (var db = DriverManager.getConnection("jdbc:sqlite:" + env.getOrDefault("STATE", "subscribe.db"));
             var consumer = new KafkaConsumer<>(Map.of(
                 "bootstrap.servers", env.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
                 "group.id", env.getOrDefault("GROUP", "my-service"),
                 "isolation.level", "read_committed",
                 "auto.offset.reset", "earliest",
                 "enable.auto.commit", false), text, text)) {
            for (var table : TABLES) db.createStatement().execute(table);
            db.setAutoCommit(false);
            stopOnSignal();
            consumer.subscribe(List.of(prefix + "queues.alerts", prefix + "interactions.enriched"));
            while (!stopping) {
                var records = consumer.poll(Duration.ofMillis(500));
                for (var record : records) handle(db, json.readTree(record.value()));
                db.commit(); // all of it, or nothing
                try {
                    if (!records.isEmpty()) consumer.commitSync();
                } catch (CommitFailedException | RebalanceInProgressException moved) {
                    // The partition may be somebody else's, who reads this again and finds it remembered.
                }
            }
        }
    }

    static void stopOnSignal() {
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping = true;
            try {
                main.join();
            } catch (InterruptedException ignored) {
            }
        }));
    }
}
