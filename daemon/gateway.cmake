# Floor 3: the daemon, joined from all the floors below.
add_executable(gatehoused main.cpp gateway.cpp gateway_loops.cpp cloud_link.cpp source_link.cpp source_yard.cpp
  door_line.cpp door_side.cpp lan_side.cpp metrics_side.cpp support_side.cpp config_side.cpp
  check_up_probes.cpp certificate_watch.cpp cloud_identity.cpp gateway_config.cpp)
target_compile_definitions(gatehoused PRIVATE GATEHOUSE_VERSION="${PROJECT_VERSION}")
target_link_libraries(gatehoused PRIVATE gatehouse_app gatehouse_store gatehouse_settings gatehouse_host
  gatehouse_control gatehouse_https gatehouse_net2 gatehouse_feed gatehouse_signalr gatehouse_mqtt
  gatehouse_jose gatehouse_json gatehouse_lan gatehouse_metrics gatehouse_seldom)

# Side by side what runs in an idle daemon (scripts/order-functions): the pages it keeps in memory are these.
include(CheckLinkerFlag)
check_linker_flag(CXX LINKER:--no-warn-symbol-ordering GATEHOUSE_ORDERS_FUNCTIONS)  # lld
if(GATEHOUSE_ORDERS_FUNCTIONS AND NOT GATEHOUSE_SANITIZE AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(function_order ${CMAKE_CURRENT_SOURCE_DIR}/function_order.txt)
  target_link_options(gatehoused PRIVATE LINKER:--symbol-ordering-file=${function_order}
                                         LINKER:--no-warn-symbol-ordering)
  set_property(TARGET gatehoused APPEND PROPERTY LINK_DEPENDS ${function_order})
endif()
