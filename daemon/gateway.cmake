# Floor 3: the daemon, joined from all the floors below.
add_executable(gatehoused main.cpp gateway.cpp gateway_loops.cpp cloud_link.cpp source_link.cpp source_yard.cpp
  door_line.cpp door_side.cpp lan_side.cpp metrics_side.cpp support_side.cpp config_side.cpp
  check_up_probes.cpp certificate_watch.cpp cloud_identity.cpp gateway_config.cpp)
target_compile_definitions(gatehoused PRIVATE GATEHOUSE_VERSION="${PROJECT_VERSION}")
target_link_libraries(gatehoused PRIVATE gatehouse_app gatehouse_store gatehouse_settings gatehouse_host
  gatehouse_control gatehouse_https gatehouse_net2 gatehouse_feed gatehouse_signalr gatehouse_mqtt
  gatehouse_jose gatehouse_json gatehouse_lan gatehouse_metrics)
