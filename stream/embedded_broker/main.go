// A Kafka broker for one machine: franz-go's kfake on one port of loopback, durable in a data folder.
// For demonstrations and tests. Not for production: one process, no replicas, no authentication.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	port := flag.Int("port", 9092, "port on loopback")
	dir := flag.String("dir", "", "data folder; empty keeps nothing")
	partitions := flag.Int("partitions", 8, "partitions of topics that are created without a number")
	flag.Parse()

	fmt.Fprintln(os.Stderr, "embedded broker: not for production")
	options := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.Ports(*port),
		kfake.DefaultNumPartitions(*partitions),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": "17825792"}),
	}
	if *dir != "" {
		options = append(options, kfake.DataDir(*dir))
	}
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "embedded broker: serving on", cluster.ListenAddrs())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	<-stop
	cluster.Close()
}
