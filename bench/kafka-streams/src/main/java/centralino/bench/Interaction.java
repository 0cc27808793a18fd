package centralino.bench;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.HashMap;
import java.util.Map;

/** One interaction as it stands: instants in ms, 0 where it is not in that state. Stored as an array, without names. */
@JsonFormat(shape = JsonFormat.Shape.ARRAY)
public class Interaction {
    /** What an agent has handled and not yet wrapped up: of which queue, and when it was over. */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    public static class Part {
        public String queue;
        public long endedAt;

        public Part() {}

        Part(String queue, long endedAt) {
            this.queue = queue;
            this.endedAt = endedAt;
        }
    }

    public String queue;
    public long seenAt;
    public long queuedAt;
    public long answeredAt;
    public String agent;
    public long heldAt;
    public long holdMs;
    public boolean over;
    public Map<String, Part> parts = new HashMap<>();

    /** Nothing more is expected of it: it need not be kept. */
    boolean settled() {
        return over && parts.isEmpty();
    }
}
